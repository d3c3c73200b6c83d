"""A package of an electronic document (edXML, QCVN 102:2016) as a file holds it: elements, no meaning yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Element(NamedTuple):
    """``name``: without its namespace. ``text``: its own, without blanks around it, or what it refers to; of a long
    one only the beginning. ``length``: of the whole text in characters, blanks and "=" not counted, so that the size
    of base64 content is known that nobody keeps."""

    name: str
    text: str
    children: tuple[Element, ...] = ()
    length: int = 0

    def all(self, name: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def at(self, *path: str) -> Element:
        """The first descendant along these names; an empty element if there is none."""
        found = self
        for name in path:
            found = next(found.all(name), Element(name, ""))
        return found

    def text_at(self, *path: str) -> str:
        return self.at(*path).text

    def descendants(self, name: str) -> Iterator[Element]:
        """Wherever they stand below, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.descendants(name)


@dataclass(frozen=True, slots=True)
class Package:
    """``file``: the member of an archive it stands in, else "". ``namespace``: of the root. ``beside``: (name, bytes)
    of the other files in the archive; they are not read."""

    file: str
    namespace: str
    root: Element
    beside: tuple[tuple[str, int], ...] = ()
