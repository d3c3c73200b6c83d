"""What a file is by its bytes: size, time, digest. The digest tells a file that was taken before (F21)."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from connector.domain.imports import FileFacts
from connector.domain.tables import Limits, Table
from connector.errors import FileNotReady, FileRefused
from connector.sources.files.reader import open_table

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class TableFiles:
    """Files on this machine's disks and shares, within limits."""

    limits: Limits

    def facts(self, path: Path) -> FileFacts:
        with _opened(path) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise FileRefused("not_a_file", file=path.name)
            if about.st_size > self.limits.file_bytes:  # before its digest: four gigabytes take their time
                limit = self.limits.file_bytes // _MB
                raise FileRefused("too_large", file=path.name, size=-(-about.st_size // _MB), limit=limit)
            try:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise FileNotReady("unreadable", str(error), file=path.name) from error
        modified = datetime.fromtimestamp(about.st_mtime, UTC)
        return FileFacts(path.name, about.st_size, modified, digest, stamp_of(about))

    def open(self, path: Path) -> AbstractContextManager[Table]:
        return open_table(path, self.limits)

    def require_same(self, path: Path, facts: FileFacts) -> None:
        try:
            same = stamp_of(path.lstat()) == facts.stamp
        except OSError as error:
            raise FileNotReady("vanished", str(error), file=path.name) from error
        if not same:
            raise FileNotReady("still_written", file=path.name)


def stamp_of(about: os.stat_result) -> tuple[int, ...]:
    return (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:  # O_NONBLOCK: a named pipe would wait for its writer
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise FileNotReady("vanished", str(error), file=path.name) from error
    except OSError as error:
        kind = FileRefused if error.errno in (errno.ELOOP, errno.ENXIO) else FileNotReady
        reason = "not_a_file" if kind is FileRefused else "unreadable"
        raise kind(reason, str(error), file=path.name) from error
    if stat.S_ISDIR(os.fstat(number).st_mode):
        os.close(number)
        raise FileRefused("not_a_file", file=path.name)
    with os.fdopen(number, "rb") as file:
        yield file
