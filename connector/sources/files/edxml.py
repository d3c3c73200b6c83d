"""Packages of electronic documents (edXML), bare or in an archive: their elements, without the attachments' content.

Source: edXML note sections 1 and 4. Packages are matched by local names, for senders differ in prefixes; stray bytes
before the first "<" occur. An attachment may take most of the file; only the beginning of its base64 is kept.
"""

from __future__ import annotations

import re
from typing import IO, BinaryIO

from connector.errors import FileRefused
from connector.sources.files import archive, encoding, markup
from connector.sources.files.output import Output
from connector.sources.files.wire import Parts

ROOT = "edXML"
HEAD = 4096
"""Bytes in which the root begins."""
_SIGN = re.compile(rb"<(?:[\w.-]+:)?edXML[\s>]")
_SAYS_UTF_16 = re.compile(rb"""<\?xml[^>]*encoding=["']utf-16""", re.IGNORECASE)
_KEPT = 8_192  # characters of one text
_DEEPEST, _MOST, _MOST_TEXT = 32, 50_000, 8 << 20  # elements within each other, elements, characters in all


def sign(head: bytes) -> str:
    """The tag that shows a package; "" if there is none. The zeros of UTF-16 do not matter."""
    found = _SIGN.search(head[:HEAD].replace(b"\0", b""))
    return found[0][1:-1].decode() if found else ""


def read(file: BinaryIO, output: Output) -> None:
    """Every package of the file to ``output``. Raises FileRefused: doctype, broken, foreign, and what opening an
    archive raises."""
    file.seek(0)
    if not file.read(4).startswith(archive.MAGICS):
        _read_package(file, output, ())
        return
    with archive.open_archive(file, output.limits) as opened:
        packages, beside = [], []
        for member in archive.members(opened):
            with opened.open(member) as part:
                if sign(part.read(HEAD)):
                    packages.append(member)
                else:
                    beside.append((member.filename, member.file_size))
        for member in packages:
            output.member = member.filename
            try:
                with opened.open(member) as part:
                    _read_package(part, output, tuple(beside))
            except FileRefused as error:
                error.fields["member"] = member.filename
                raise


def _read_package(file: IO[bytes], output: Output, beside: tuple[tuple[str, int], ...]) -> None:
    file.seek(0)
    start, codec = _beginning(file.read(HEAD))
    file.seek(start)
    tree = _Tree()
    markup.walk(file, tree, codec)
    assert tree.root is not None
    if (name := tree.root[0]) != ROOT:
        raise FileRefused("foreign", found=f"tệp XML (thẻ gốc {name[:50]})")
    output.package(tree.namespace, tree.root, beside)


def _beginning(head: bytes) -> tuple[int, str | None]:
    """Where the XML begins, and its encoding if that is another than it says: programs declare UTF-16 and write UTF-8,
    because that is what their text is in memory."""
    found = encoding.marked(head)
    if found is not None and found.codec.startswith("utf-16"):
        return found.skip, encoding.xml_codec(found)
    return max(head.find(b"<"), 0), "UTF-8" if _SAYS_UTF_16.search(head) else None


class _Open:
    """An element whose end has not been met."""

    __slots__ = ("children", "kept", "length", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = [text]
        self.kept = self.length = len(text)
        self.children: list[Parts] = []


class _Tree:
    def __init__(self) -> None:
        self.root: Parts | None = None
        self.namespace = ""
        self._open: list[_Open] = []
        self._count = self._text = 0

    def start(self, name: str, attributes: markup.Attributes) -> None:
        self._count += 1
        if len(self._open) == _DEEPEST or self._count > _MOST:
            raise FileRefused("broken", f"more than {_DEEPEST} levels or {_MOST} elements")
        if not self._open:
            self.namespace = name.rpartition(" ")[0]
        refers = next((value for key, value in attributes.items() if markup.local(key) == "href"), "")
        self._open.append(_Open(markup.local(name), refers[:_KEPT]))

    def text(self, data: str) -> None:
        if not self._open:
            return
        element = self._open[-1]
        element.length += len(data) - sum(map(data.count, " \t\r\n="))
        if element.kept < _KEPT:
            part = data[: _KEPT - element.kept]
            element.text.append(part)
            element.kept += len(part)
            self._text += len(part)
            if self._text > _MOST_TEXT:
                raise FileRefused("broken", f"more than {_MOST_TEXT} characters of text")

    def end(self, _: str) -> None:
        done = self._open.pop()
        element = (done.name, "".join(done.text).strip(), tuple(done.children), done.length)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
