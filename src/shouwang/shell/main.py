"""`shouwang`: one command whose sub-commands are loaded when they are called.

Loading late keeps the analyst's commands free of Django and `--help` fast. A new command is one row of
`COMMANDS`. Exit codes: 0 done, 2 bad input (every fault named on stderr), 3 no answer exists.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

from shouwang import __version__
from shouwang.engine.errors import BadInput, NoAnswer

EXIT_BAD_INPUT = 2
EXIT_NO_ANSWER = 3

# name: (module:attribute, one line for --help)
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("shouwang.shell.run:run", "Start the centre."),
    "demo": ("shouwang.shell.demo:demo", "Load an example district."),
    "import": ("shouwang.shell.imports:imports", "Read areas, streets, calls or units into the database."),
    "count": ("shouwang.shell.count:count", "Count many calls by cell and hour, for forecasts."),
    "forecast": ("shouwang.shell.forecast:forecast", "Forecast calls by place and hour."),
    "backtest": ("shouwang.shell.backtest:backtest_command", "Score forecasts of past days."),
    "bench": ("shouwang.shell.bench:bench", "Play known contests by their rules."),
    "deploy": ("shouwang.shell.deploy:deploy", "Place posts, divide beats, plan tours, staff hours."),
    "respond": ("shouwang.shell.respond:respond", "Recommend units for a call by road time."),
    "cordon": ("shouwang.shell.cordon:cordon", "Close exits, contain a vehicle, place checkpoints."),
    "roster": ("shouwang.shell.roster:roster", "Say who is on when, within the law."),
    "streets": ("shouwang.shell.streets:streets", "Make street networks from maps."),
    "travel": ("shouwang.shell.travel:travel", "Tell times, ways and areas by road."),
    "simulate": ("shouwang.shell.simulate:simulate", "Play calls and units on the roads, and score plans."),
    "effects": ("shouwang.shell.effects:effects", "Tell whether something worked, beyond chance."),
    "disclose": ("shouwang.shell.disclose:disclose", "Make tables and places fit to be published."),
    "terminal": ("shouwang.shell.terminal:terminal", "Play a vehicle terminal, for trials."),
    "panel": ("shouwang.shell.panel:panel", "Register alarm panels, and play one for trials."),
    "warning": ("shouwang.shell.warning:warning", "Read public warnings (CAP 1.2), and verify them."),
    "audit": ("shouwang.shell.audit:audit", "Verify the log against its checkpoints."),
    "backup": ("shouwang.shell.backup:backup", "Write a backup of a live centre."),
    "restore": ("shouwang.shell.restore:restore", "Restore a backup."),
    "retention": ("shouwang.shell.audit:retention", "Delete what is due by the retention rules."),
}


class LazyGroup(click.Group):
    """A group that imports a sub-command only when it is called, and turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[cmd_name][0].split(":")
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name != module_name:
                raise
            raise click.ClickException(f"'{cmd_name}' is not part of this installation.") from error
        command: click.Command = getattr(module, attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadInput as error:
            click.echo(str(error), err=True)
            ctx.exit(EXIT_BAD_INPUT)
        except NoAnswer as error:
            click.echo(str(error), err=True)
            ctx.exit(EXIT_NO_ANSWER)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shouwang")  # a clone with its environment is not an installed package
def main() -> None:
    """守望 Shouwang: operations software for the public safety of a district.

    Exit codes: 0 done, 2 bad input, 3 no answer exists.
    """


if __name__ == "__main__":
    main()
