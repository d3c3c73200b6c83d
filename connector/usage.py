"""What typer says of wrong arguments and of help, in Vietnamese."""

from __future__ import annotations

import re
from typing import Any

from connector.errors import UsageProblem


def usage_problem(error: Exception) -> UsageProblem:
    """A UsageError of typer as ours. Its classes are told apart by name: they are no public part of typer."""
    kind, given = type(error).__name__, str(error)
    command = getattr(getattr(error, "ctx", None), "command_path", "") or "connector"
    argument = given
    expected = ""
    if kind == "MissingParameter":
        argument, expected = f"thiếu {_name(error)}", _help(error)
    elif kind == "NoSuchOption":
        argument = f"không có tùy chọn {getattr(error, 'option_name', '')}"
        expected = ", ".join(getattr(error, "possibilities", None) or ())
    elif kind == "BadParameter":
        argument, expected = f"giá trị của {_name(error)}", _help(error)
    elif kind == "BadOptionUsage":
        argument = f"{getattr(error, 'option_name', '')} cần một giá trị"
    elif given.startswith("No such command"):
        words = re.findall(r"'([^']*)'", given)
        argument, expected = f"không có lệnh {words[0]}", ", ".join(words[1:])
    elif given.startswith("Got unexpected extra argument"):
        argument = f"thừa {given[given.rfind('(') + 1 :].rstrip(').')}"
    return UsageProblem(given, argument=argument, expected=expected, command=command)


def _name(error: Any) -> str:
    param = getattr(error, "param", None)
    if param is None:
        return str(getattr(error, "param_hint", "") or "")
    return str(param.metavar or param.name) if param.param_type_name == "argument" else str(param.opts[0])


def _help(error: Any) -> str:
    return str(getattr(getattr(error, "param", None), "help", "") or "").rstrip(".")


def speak_vietnamese() -> None:
    """Headings of the help pages; called only when one is about to be shown, as it loads rich."""
    from typer import rich_utils

    rich_utils.OPTIONS_PANEL_TITLE = "Tùy chọn"
    rich_utils.COMMANDS_PANEL_TITLE = "Lệnh"
    rich_utils.ARGUMENTS_PANEL_TITLE = "Tham số"
    rich_utils.REQUIRED_LONG_STRING = "[bắt buộc]"
