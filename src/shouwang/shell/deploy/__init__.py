"""`shouwang deploy`: where posts go, how many units an hour needs, whose beat is where, and which way patrols walk."""

from __future__ import annotations

import click

from shouwang.shell.deploy.beats import beats
from shouwang.shell.deploy.posts import posts
from shouwang.shell.deploy.staffing import staffing
from shouwang.shell.deploy.tours import tours


@click.group()
def deploy() -> None:
    """Place posts, divide beats, plan tours, staff hours."""


for command in (posts, beats, tours, staffing):
    deploy.add_command(command)
