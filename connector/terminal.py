"""What every command of the command line needs: the settings in force, and how results are printed."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.errors import SettingsError

if TYPE_CHECKING:
    from connector.bootstrap import App

JsonFlag = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
config: Path | None = None
"""The settings file named on the command line."""


def open_app(*, quiet: bool = True) -> App:
    """For what a person at this machine wants. ``quiet``: somebody who looks at the screen wants to read the results,
    not the log."""
    from connector import bootstrap
    from connector.log import configure

    opened = bootstrap.open_app(config)
    opened.actor = account()
    if quiet and opened.settings.log.file is None and sys.stderr.isatty():
        configure("error", "console")
    return opened


def account() -> str:
    """Whoever is logged in, as far as this machine can tell."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return f"uid {os.getuid()}"


def named_sources(opened: App, source: str | None) -> list[str]:
    """The source asked for, or all. Raises SettingsError if there is none."""
    names = [source] if source else list(opened.settings.sources)
    if not names:
        raise SettingsError([f"{opened.path}: sources: chưa khai báo nguồn dữ liệu nào"])
    return names


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    for line in lines:
        typer.echo(line, err=err)


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
