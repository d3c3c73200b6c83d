"""``python -m connector.sources.files.child MODE LIMITS``: reads the file that is its standard input, tells what it
finds on standard output (``wire``), and ends. MODE: "describe" or "read"; LIMITS: JSON of ``Limits``.

Whatever a hostile file does to a library happens here: the process may have only so much memory and processor time,
may write no file, and knows no secret of its parent.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import struct
import sys
import zlib
from datetime import datetime
from io import BytesIO
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from connector.domain.tables import Limits
from connector.errors import FileRefused
from connector.sources.files import archive, biff, compound, delimited, edxml, ods, ooxml, spreadsheetml
from connector.sources.files.encoding import xml_codec
from connector.sources.files.output import Output
from connector.sources.files.recognise import Found, recognise
from connector.sources.files.wire import EXIT_MEMORY, frame

_ITSELF = "/dev/fd/0"  # opened by path and not through Python: calamine then needs no copy of the file in memory
_BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError)


def main(mode: str, limits: Limits) -> None:
    tell = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no frame

    def write(data: bytes) -> None:
        tell.write(data)
        tell.flush()

    write(frame("ready"))
    _confine(limits)
    try:
        with open(0, "rb", closefd=False) as file:
            found = recognise(file, limits)
            write(frame("kind", found.kind, found.encoding and found.encoding.codec, found.said_by))
            if mode == "read":
                output = Output(write, limits)
                read(found, file, output, _ITSELF)
                output.flush()
        write(frame("end"))
    except BrokenPipeError:  # the parent has seen enough
        os._exit(0)
    except MemoryError:
        os._exit(EXIT_MEMORY)
    except BaseException as error:  # a panic of Rust is no Exception
        refused = _as_refusal(error)
        write(frame("refused", refused.reason, str(refused.fields.pop("cause", ""))[:500], refused.fields))


def read(found: Found, file: BinaryIO, output: Output, path: str = "") -> None:
    """All sheets of the file to ``output``. ``path`` leads to the same file; "" for one in memory."""
    limits = output.limits
    file.seek(0)
    match found.kind:
        case "xlsx":
            from connector.sources.files import workbook

            with archive.open_archive(file, limits) as opened:
                marks = ooxml.marks(opened, limits)
            file.seek(0)
            workbook.read(path or file, output, marks)
        case "xls":
            from connector.sources.files import workbook

            streams = compound.Compound(file)
            marks = biff.marks(streams.read("Workbook" if "Workbook" in streams.streams else "Book"))
            del streams
            file.seek(0)
            workbook.read(path or file, output, marks)
        case "ods":
            with archive.open_archive(file, limits) as opened:
                ods.read(opened, output)
        case "html":
            from connector.sources.files import html

            assert found.encoding is not None
            html.read(file, output, found.encoding)
        case "spreadsheetml":
            assert found.encoding is not None
            spreadsheetml.read(file, output, found.encoding.skip, xml_codec(found.encoding))
        case "csv" | "tsv":
            assert found.encoding is not None
            delimited.read(file, output, found.encoding, found.delimiter)
        case "zip":
            with archive.open_archive(file, limits) as opened:
                _read_members(opened, output)
        case "edxml":
            edxml.read(file, output)


def _read_members(opened: ZipFile, output: Output) -> None:
    """Every member is recognised before the first is read: an archive is imported whole or not at all."""
    found: list[tuple[str, datetime | None, Found]] = []
    for member in archive.members(opened):
        try:
            kind = recognise(BytesIO(opened.read(member)), output.limits)
            if kind.kind == "zip":
                raise FileRefused("nested_archive")
        except FileRefused as error:
            error.fields["member"] = member.filename
            raise
        found.append((member.filename, archive.written_at(member), kind))
    if not found:
        raise FileRefused("no_table", found="tệp nén rỗng")
    for name, written, kind in found:
        output.member, output.member_at = name, written
        try:
            read(kind, BytesIO(opened.read(name)), output)
        except FileRefused as error:
            error.fields["member"] = name
            raise


def _confine(limits: Limits) -> None:
    seconds = max(int(limits.seconds), 1)
    for what, most, at_last in (
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds, seconds + 1),  # a signal of its own, then the end
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (most, at_last))


def _as_refusal(error: BaseException) -> FileRefused:
    match error:
        case FileRefused():
            return error
        case OSError() if error.errno != errno.EINVAL:  # that one: the file itself sent us to an impossible place
            return FileRefused("unreadable", str(error))
        case _:
            reason = "broken" if isinstance(error, (*_BROKEN, OSError)) else "reader_failed"
            return FileRefused(reason, f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1], Limits(**json.loads(sys.argv[2])))
