"""The child process that reads one file: started, listened to for so long, ended for sure.

The child sees the file as its standard input and gets none of our environment but the way to the program.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import connector
from connector.domain.tables import Limits
from connector.errors import FileNotReady, FileRefused
from connector.sources.files.wire import EXIT_MEMORY, HEADER, parse

_MB = 1 << 20
_PATIENCE = 5  # seconds for a process to end that has been told to
_CHILD = "connector.sources.files.child"
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TZDIR")
_PIPE = 1 << 20


class ChildProcess:
    """``frames`` once, inside of ``with``. Raises FileRefused for whatever goes wrong with the file, and FileNotReady
    where another time may go better: it cannot be opened, or is not the same at the end as at the beginning."""

    def __init__(self, path: Path, limits: Limits, mode: Literal["read", "describe"]) -> None:
        self._path = path
        self._limits = limits
        self._command = [sys.executable, "-P", "-m", _CHILD, mode, json.dumps(asdict(limits))]
        self._left = limits.seconds  # of waiting for the child; what we do ourselves in between does not count
        self._buffer = bytearray()

    def __enter__(self) -> ChildProcess:
        self._file = self._open()
        try:
            self._before = os.fstat(self._file)
            if not stat.S_ISREG(self._before.st_mode):
                raise FileRefused("not_a_file", file=self._path.name)
            if self._before.st_size > self._limits.file_bytes:
                size, limit = -(-self._before.st_size // _MB), self._limits.file_bytes // _MB
                raise FileRefused("too_large", file=self._path.name, size=size, limit=limit)
            self._process = self._start()
        except BaseException:
            os.close(self._file)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        self._process.kill()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may hang on a network share; the system will end it
            self._process.wait(_PATIENCE)

    def frames(self) -> Iterator[tuple[Any, ...]]:
        """What the child tells, without its first and last word."""
        try:
            yield from self._told()
        except FileRefused as refused:
            self._check_unchanged(refused)
            raise
        self._check_unchanged()

    def _told(self) -> Iterator[tuple[Any, ...]]:
        ready = False
        while (head := self._read(HEADER)) and (body := self._read(int.from_bytes(head, "big"))):
            frame = parse(body)
            match frame[0]:
                case "ready":
                    ready = True
                case "end":
                    return
                case "refused":
                    _, reason, cause, fields = frame
                    member = fields.pop("member", "")
                    file = f"{self._path.name} › {member}" if member else self._path.name
                    error = FileNotReady if reason == "unreadable" else FileRefused
                    raise error(reason, cause, **{"file": file, **fields})
                case _:
                    yield frame
        raise self._obituary(ready=ready)

    def _open(self) -> int:
        try:  # O_NONBLOCK: a named pipe would wait for its writer
            return os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise FileNotReady("vanished", str(error), file=self._path.name) from error
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):
                raise FileRefused("not_a_file", str(error), file=self._path.name) from error
            raise FileNotReady("unreadable", str(error), file=self._path.name) from error

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"PYTHONPATH": str(Path(connector.__file__).parent.parent), "MALLOC_ARENA_MAX": "1"}
        try:
            process = subprocess.Popen(
                self._command,
                stdin=self._file,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd="/",
                env=environment,
                start_new_session=True,  # Ctrl+C is for us
            )
        except OSError as error:
            raise FileNotReady("no_reader", str(error), file=self._path.name) from error
        assert process.stdout is not None
        self._pipe = process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN)
        return process

    def _read(self, size: int) -> bytes:
        """So many bytes of the child's, or b"" if it has ended before. Raises FileRefused: too_slow, reader_failed."""
        if size > self._limits.memory_bytes:
            raise self._refused("reader_failed", f"a frame of {size} bytes")
        while len(self._buffer) < size:
            began = time.monotonic()
            if not self._poll.poll(max(self._left, 0) * 1000):
                raise self._refused("too_slow", limit=round(self._limits.seconds))
            self._left -= time.monotonic() - began
            chunk = os.read(self._pipe, _PIPE)
            if not chunk:
                return b""
            self._buffer += chunk
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _obituary(self, *, ready: bool) -> FileRefused:
        """The child has ended without a last word: why?"""
        assert self._process.stderr is not None
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return self._refused("reader_failed", "closed its output and went on")
        os.set_blocking(self._process.stderr.fileno(), False)
        said = " ".join((self._process.stderr.read(4096) or b"").decode("utf-8", "replace").split())[-300:]
        if status == -signal.SIGXCPU:
            return self._refused("too_slow", limit=round(self._limits.seconds))
        killed = status == -signal.SIGKILL  # not by us: the system itself is short of memory
        if killed or status == EXIT_MEMORY or (status == -signal.SIGABRT and "memory" in said):
            return self._refused("memory", said, limit=self._limits.memory_bytes // _MB)
        if not ready:
            return FileNotReady("no_reader", f"exit {status}: {said}", file=self._path.name)
        return self._refused("reader_failed", f"exit {status}: {said}")

    def _refused(self, reason: str, cause: str = "", **fields: object) -> FileRefused:
        return FileRefused(reason, cause, file=self._path.name, **fields)

    def _check_unchanged(self, refused: FileRefused | None = None) -> None:
        """A file that grew, or was replaced, while it was read is no bad file, only one to be read again."""
        try:
            now = [os.fstat(self._file), self._path.lstat()]
        except OSError as error:
            raise FileNotReady("vanished", str(error), file=self._path.name) from error
        if any(_identity(about) != _identity(self._before) for about in now):
            raise FileNotReady("still_written", str(refused or ""), file=self._path.name) from refused


def _identity(about: os.stat_result) -> tuple[int, ...]:
    return (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
