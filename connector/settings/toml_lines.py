"""Where in a TOML text a key stands. ``tomllib`` forgets it, and an operator wants the line."""

from __future__ import annotations

import tomllib
from typing import Any

Place = tuple[str | int, ...]


class TomlLines:
    """Line numbers (from 1) of the keys of a TOML text that is known to be well-formed.

    A place is the way to a value: ("sources", "vnpt", "accounts", 0, "username").
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {}
        self._counts: dict[Place, int] = {}
        table: Place = ()
        statement, start = "", 0
        for number, line in enumerate(text.split("\n"), 1):
            if not statement:
                if not line.strip() or line.lstrip().startswith("#"):
                    continue
                start = number
            statement += line + "\n"
            try:  # a value may run over several lines: it ends where it can be read
                value = tomllib.loads(statement)
            except tomllib.TOMLDecodeError:
                continue
            if statement.lstrip().startswith("["):
                table = self._header(value)
                for length in range(1, len(table) + 1):  # [a.b] also brings a into being
                    self._lines.setdefault(table[:length], start)
            else:
                self._record(table, value, start)
            statement = ""

    def line(self, place: Place) -> int | None:
        """Line of the key, or of the table it would belong to; None if not even that stands in the file."""
        for length in range(len(place), 0, -1):
            if place[:length] in self._lines:
                return self._lines[place[:length]]
        return None

    def _header(self, value: dict[str, Any]) -> Place:
        place: Place = ()
        node: Any = value
        while isinstance(node, dict) and node:
            ((key, node),) = node.items()
            place += (key,)
            if isinstance(node, list):  # [[accounts]]: one more of them
                self._counts[place] = self._counts.get(place, -1) + 1
                node = node[0]
            if place in self._counts:
                place += (self._counts[place],)
        return place

    def _record(self, place: Place, value: Any, line: int) -> None:
        if place:
            self._lines.setdefault(place, line)
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            self._record((*place, key), inner, line)
