"""`shouwang deploy`: where posts go, how many units an hour needs, whose beat is where, and which way patrols walk."""

from __future__ import annotations

import click

from shouwang.shell.deploy.posts import posts


@click.group()
def deploy() -> None:
    """Place posts."""


deploy.add_command(posts)
