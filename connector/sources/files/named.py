"""A file whose name cannot be written down (bytes that are no UTF-8, line ends), read under one that can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from connector.domain.file_names import shown_name
from connector.domain.imports import FileFacts
from connector.domain.tables import Table
from connector.errors import FileRefused
from connector.ports_files import Files


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """``files``, for the one file at ``path``; whoever uses it names the file ``shown``."""

    files: Files
    path: Path

    @property
    def shown(self) -> Path:
        return Path(shown_name(self.path.name))

    def facts(self, path: Path) -> FileFacts:
        with self._told(path):
            return replace(self.files.facts(self.path), name=path.name)

    @contextmanager
    def open(self, path: Path) -> Iterator[Table]:
        with self._told(path), self.files.open(self.path) as table:
            yield table

    def require_same(self, path: Path, facts: FileFacts) -> None:
        with self._told(path):
            self.files.require_same(self.path, facts)

    @contextmanager
    def _told(self, path: Path) -> Iterator[None]:
        """Refusals name the file as it is shown."""
        try:
            yield
        except FileRefused as error:
            for name, value in error.fields.items():
                error.fields[name] = value.replace(self.path.name, path.name) if isinstance(value, str) else value
            error.args = tuple(shown_name(str(one).replace(self.path.name, path.name)) for one in error.args)
            raise


def named(files: Files, path: Path) -> tuple[Path, Files]:
    """The path to name, and what reads it: as given, but for a name that cannot be written down."""
    if shown_name(path.name) == path.name:
        return path, files
    one = NamedFiles(files, path)
    return one.shown, one
