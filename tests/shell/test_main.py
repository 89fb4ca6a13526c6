import subprocess
import sys

from click.testing import CliRunner

import shouwang
from shouwang.shell import main as shell
from shouwang.shell.main import COMMANDS, main


def test_help_lists_every_command_without_loading_any():
    code = (
        "import sys; from click.testing import CliRunner; from shouwang.shell.main import main;"
        "print(CliRunner().invoke(main, ['--help']).output);"
        "print('loaded', [m for m in sys.modules if m.startswith(('django', 'numba', 'shouwang.shell.r'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded []"
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert line in done.stdout


def test_the_version_is_told_by_a_clone_that_is_not_installed():
    done = CliRunner().invoke(main, ["--version"])
    assert (done.exit_code, done.output) == (0, f"shouwang, version {shouwang.__version__}\n")


def test_analysts_commands_do_not_load_django():
    code = (
        "import sys; from click.testing import CliRunner; from shouwang.shell.main import main;"
        "names = ('respond', 'deploy', 'forecast', 'simulate', 'effects', 'disclose');"
        "[CliRunner().invoke(main, [name, '--help']) for name in names];"
        "print([m for m in sys.modules if m.startswith('django')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_that_is_not_installed_says_so_in_one_line(monkeypatch):
    monkeypatch.setitem(shell.COMMANDS, "absent", ("shouwang.shell.absent:absent", "Not there."))
    result = CliRunner().invoke(main, ["absent"])
    assert result.exit_code == 1
    assert result.stderr == "Error: 'absent' is not part of this installation.\n"
    assert CliRunner().invoke(main, ["unheard-of"]).exit_code == 2
