"""A list in memory that pages, asked as the pager asks: what servers do to lists, and what happens to them."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from connector.domain.requests import Progress
from connector.errors import SourceError
from connector.sources.rest.paging import Page, Pager

Change = Callable[[list[int], random.Random], None]
AT = st.randoms(use_true_random=False)


class Office:
    """A list in memory that pages. ``changes`` are made before the page of that number (from 0) is served. ``cap``:
    the most rows it gives; ``gaps``: it still counts pages by the size asked for. ``order``: pages asked ahead are
    served in any order, not in theirs. ``refuses``: its answer to pages of more than ``usual`` rows."""

    def __init__(
        self,
        rows: Sequence[int],
        *,
        cap: int = 0,
        gaps: bool = False,
        repeat_last: bool = False,
        order: random.Random | None = None,
        refuses: SourceError | None = None,
        usual: int = 15,
    ) -> None:
        self.rows = list(rows)
        self.cap, self.gaps, self.repeat_last, self.order = cap, gaps, repeat_last, order
        self.refuses, self.usual = refuses, usual
        self.changes: dict[int, list[Callable[[], None]]] = {}
        self.served: list[tuple[int, int]] = []
        self.asked: list[tuple[int, int]] = []
        self.waiting: list[Asked] = []
        self.most_waiting = 0
        self.ever = set(self.rows)

    def __call__(self, number: int, size: int) -> Asked:
        self.asked.append((number, size))
        self.waiting.append(asked := Asked(self, number, size))
        self.most_waiting = max(self.most_waiting, len(self.waiting))
        return asked

    def serve(self, wanted: Asked) -> None:
        """The page that is waited for, and perhaps some of the others before it."""
        others = [one for one in self.waiting if one is not wanted] if self.order else []
        if self.order:
            self.order.shuffle(others)
            others = others[: self.order.randint(0, len(others))]
        for one in [*others, wanted]:
            self.waiting.remove(one)
            for change in self.changes.get(len(self.served), ()):
                change()
            self.ever.update(self.rows)
            self.served.append((one.number, one.size))
            one.rows = self.page(one.number, one.size)

    def page(self, number: int, size: int) -> list[int] | SourceError:
        if self.refuses is not None and size > self.usual:
            return self.refuses
        most = min(size, self.cap or size)
        start = (number - 1) * (size if self.gaps else most)
        if self.repeat_last and self.rows:
            start = min(start, (len(self.rows) - 1) // most * most)
        return self.rows[start : start + most]


@dataclass(eq=False)
class Asked:
    """A page asked of an office; served when its rows are taken, or before."""

    office: Office
    number: int
    size: int
    rows: list[int] | SourceError | None = None

    def result(self) -> list[int]:
        if self.rows is None:
            self.office.serve(self)
        if isinstance(self.rows, SourceError):
            raise self.rows
        assert self.rows is not None
        return self.rows

    def cancel(self) -> None:
        if self in self.office.waiting:
            self.office.waiting.remove(self)


def same(row: int) -> int:
    return row


@dataclass
class Reading:
    """Pages as they came, and what a store would know of them: the keys met in each pass."""

    pages: list[Page[int]] = field(default_factory=list)
    seen: dict[int, set[int]] = field(default_factory=dict)

    @property
    def rows(self) -> set[int]:
        return {row for page in self.pages for row in page.rows}

    @property
    def progress(self) -> Progress:
        return self.pages[-1].progress


def read(office: Office, *, stop_after: int = 0, going_on: Reading | None = None, **values: Any) -> Reading:
    """A reading to its end, or until so many pages have come; ``going_on``: where another one stopped, by way of
    the JSON that is stored of it."""
    how: dict[str, Any] = {name: values.pop(name) for name in ("rows", "larger") if name in values}
    pager = Pager(values.pop("size", 15), **values)
    reading = Reading()
    if going_on is not None:
        how["progress"] = progress = Progress.from_json(json.loads(json.dumps(going_on.progress.to_json())))
        assert progress == going_on.progress
        reading.seen = {number: set(keys) for number, keys in going_on.seen.items()}
        how["seen"] = frozenset(reading.seen.get(progress.number, ()))
    pages = pager.read(office, same, **how)
    for page in pages:
        reading.pages.append(page)
        reading.seen.setdefault(page.progress.number, set()).update(page.rows)
        if len(reading.pages) == stop_after:
            pages.close()
    assert office.waiting == [], "what is not wanted any more is cancelled"
    return reading


def exact(count: int, size: int) -> int:
    """Requests of one pass over a list that stands still: its pages, and the empty one that ends it."""
    return -(-count // size) + 1


# -- lists that change while they are read -----------------------------------------------------------------------------

NEW = itertools.count(10_000)


def insert(rows: list[int], at: random.Random) -> None:
    rows.insert(at.randint(0, len(rows)), next(NEW))


def put_on_top(rows: list[int], at: random.Random) -> None:
    rows.insert(0, next(NEW))


def remove(rows: list[int], at: random.Random) -> None:
    if rows:
        rows.pop(at.randrange(len(rows)))


def move(rows: list[int], at: random.Random) -> None:
    if rows:
        rows.insert(at.randint(0, len(rows)), rows.pop(at.randrange(len(rows))))


CHANGES = [insert, put_on_top, remove, move]


@dataclass
class Restless:
    """An office whose list changes before the pages of a schedule are served. ``at_beginning``: the rows that were
    there when the last pass began, ``at_last_rows``: those when the last rows were handed out."""

    office: Office
    schedule: Sequence[tuple[int, Change, random.Random]]
    at_beginning: set[int] = field(default_factory=set)
    at_last_rows: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = self.office.rows
        for when, change, at in self.schedule:
            self.office.changes.setdefault(when, []).append(lambda change=change, at=at: change(rows, at))  # type: ignore[misc]
        usual = self.office.page

        def page(number: int, size: int) -> list[int] | SourceError:
            found = usual(number, size)
            for here, wanted in ((self.at_beginning, number == 1), (self.at_last_rows, bool(found))):
                if wanted:
                    here.clear()
                    here.update(rows)
            return found

        self.office.page = page  # type: ignore[method-assign]


COUNTS = st.integers(0, 120)
SIZES = st.sampled_from([1, 2, 7, 15, 40])
CAPS = st.sampled_from([0, 0, 10, 15, 50])
MOMENTS = st.integers(0, 14)
