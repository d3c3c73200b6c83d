"""Backups: one SQLite file, whichever database it is of, with its SHA-256 beside it; and the proof that they restore.

A backup is a copy of one moment (``copying.copy``: counts and hashes compared), so it can be made while the service is
at work, restored on either database, and looked into with any SQLite tool.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from connector.errors import BackupBroken, StoreError
from connector.store import schema
from connector.store.checking import check, files
from connector.store.copying import Contents, contents, copy
from connector.store.engine import open_engine

Copied = dict[str, Contents]


def backup(source: Engine, file: Path) -> Copied:
    """What ``source`` (opened read-only) holds now, in a new file that appears only when it has been reopened and found
    equal. Raises StoreError, also if the file exists."""
    if file.exists():
        raise StoreError(f"{file} exists", database=str(file))
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with _opened(part) as target:
            copied = copy(source, target)
        with closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        with _opened(part, readonly=True) as written, written.connect() as again:
            if list(files(again)) or contents(again) != copied:
                raise StoreError("the backup is not what was written", database=str(part))
        with part.open("rb") as content:
            os.fsync(content.fileno())
        _beside(file).write_text(f"{_sha256(part)}  {file.name}\n", encoding="utf-8")
        part.rename(file)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(str(error), database=str(file)) from error
    finally:
        part.unlink(missing_ok=True)
    return copied


def restore(file: Path, target: Engine) -> Copied:
    """A backup into an empty database, brought to this program's schema on the way; ``file`` is only read. Raises
    BackupBroken, StoreNotEmpty, SchemaOutdated for a backup of a newer program, StoreError."""
    with _copy_of(file) as source:
        return copy(source, target)


def drill(file: Path) -> tuple[Copied, list[str]]:
    """A backup restored into a database made for it and thrown away: what it holds, what ``check`` says of it.
    Raises as ``restore``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drill.db"
        with _opened(path) as target:
            copied = restore(file, target)
        with _opened(path, readonly=True) as restored:
            return copied, check(restored)


@contextmanager
def _copy_of(file: Path) -> Iterator[Engine]:
    """A whole backup at this program's schema, opened read-only: a copy of the file, which itself stays as it is."""
    try:
        known = _beside(file).read_text(encoding="utf-8").split()[:1]
        found = _sha256(file)
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(file, f"không đọc được tệp hoặc {_beside(file).name}") from error
    if known != [found]:
        raise _broken(file, f"nội dung không khớp {_beside(file).name}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backup.db"
        shutil.copyfile(file, path)
        with _opened(path) as older:
            try:
                made_by = schema.current(older)
            except StoreError as error:
                raise _broken(file, "không phải một cơ sở dữ liệu") from error
            if made_by is None:
                raise _broken(file, "không phải bản sao lưu của chương trình này")
            schema.upgrade(older)
        with _opened(path, readonly=True) as engine:
            with engine.connect() as connection:
                problems = list(files(connection))
            if problems:
                raise _broken(file, "\n".join(problems))
            yield engine


def _broken(file: Path, problems: str) -> BackupBroken:
    return BackupBroken(problems, file=file, problems=problems)


@contextmanager
def _opened(path: Path, *, readonly: bool = False) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{path}", readonly=readonly)
    try:
        yield engine
    finally:
        engine.dispose()


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
