"""Lists that change while somebody reads them: rows come in, go away or move between two pages. Pure bookkeeping.

What truly was there is kept with it (``ListHistory``), so that a test can hold a reading against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict

from connector.errors import TimelineError
from connector.standin.checking import Json, Located, Whole, hint

_PLACES = ("top", "middle", "end")


@dataclass(frozen=True)
class Step:
    """Just before the ``request``-th request to a list (from 1), ``count`` rows are inserted, removed, or moved to the
    top. ``where``: the place they come in at or are taken from, by word or as a position from 0."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    request: Whole
    do: Literal["insert", "remove", "move"]
    where: str | Whole = "top"
    count: Whole = 1

    def __post_init__(self) -> None:
        for name in ("request", "count"):
            if getattr(self, name) < 1:
                raise TimelineError(f"{name} — phải từ 1")
        if isinstance(self.where, int) and self.where < 0:
            raise TimelineError("where — phải từ 0")
        if isinstance(self.where, str) and self.where not in _PLACES:
            raise TimelineError(f"where — không có {self.where!r}{hint(self.where, _PLACES)}")


@dataclass
class Churn:
    """``steps`` for every list whose path contains ``path``, each list counting its own requests; ``identity``: whose
    lists ("" all). Steps of one request happen in their order here.

    Rows to be inserted are real ones: as many rows as the steps will insert are held back from the top of the list
    until then, the oldest of them inserted first, so that insertions at the top end in the whole list. Details, flow
    and counters stay those of the whole list."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    steps: tuple[Annotated[Step, Located], ...]
    path: str = "getlistjob"
    identity: str = ""

    def __post_init__(self) -> None:
        self.steps = tuple(self.steps)
        self.lists: dict[tuple[str, str, str], ChurnedList] = {}

    def concerns(self, path: str, identity: str) -> bool:
        return self.path in path and self.identity in ("", identity)

    def ask(self, identity: str, path: str, asked: str, rows: Sequence[Json]) -> list[Json]:
        """The list as the next request sees it. ``asked``: its filters; ``rows``: the whole list as it stands."""
        key = (identity, path, asked)
        if key not in self.lists:
            self.lists[key] = ChurnedList(self.steps, rows)
        return self.lists[key].ask(rows)

    def histories(self) -> list[ListHistory]:
        return [
            ListHistory(*key, one.requests, frozenset(one.throughout), frozenset(one.ever), one.now)
            for key, one in self.lists.items()
        ]


@dataclass(frozen=True)
class ListHistory:
    """What happened to one list up to its latest request. Rows are named "id", or "id/nxlId" where there is a line.
    ``throughout``: there at every request; ``ever``: there at one of them; ``now``: in order, at the latest."""

    identity: str
    path: str
    asked: str
    requests: int
    throughout: frozenset[str]
    ever: frozenset[str]
    now: tuple[str, ...]

    def to_json(self) -> Json:
        return {**vars(self), "throughout": sorted(self.throughout), "ever": sorted(self.ever)}

    @classmethod
    def from_json(cls, data: Json) -> ListHistory:
        sets = {name: frozenset(data[name]) for name in ("throughout", "ever")}
        return cls(**{**data, **sets, "now": tuple(data["now"])})


class ChurnedList:
    def __init__(self, steps: Sequence[Step], rows: Sequence[Json]) -> None:
        self._steps = steps
        held = min(len(rows), sum(step.count for step in steps if step.do == "insert"))
        self._whole: Sequence[Json] = rows
        self._reserve, self._order = list(rows[:held]), list(rows[held:])
        self._gone: set[str] = set()
        self.requests = 0
        self.throughout: set[str] = set()
        self.ever: set[str] = set()

    @property
    def now(self) -> tuple[str, ...]:
        return tuple(map(row_name, self._order))

    def ask(self, rows: Sequence[Json]) -> list[Json]:
        self.requests += 1
        due = [step for step in self._steps if step.request == self.requests]
        if due or self.requests == 1 or rows is not self._whole:
            self._follow(rows)
            for step in due:
                self._do(step)
            there = set(self.now)
            self.throughout = self.throughout & there if self.requests > 1 else there
            self.ever |= there
        return self._order

    def _do(self, step: Step) -> None:
        order, count = self._order, step.count
        if step.do == "insert":
            rows = self._reserve[-count:]
            del self._reserve[-count:]
            at = _place(step.where, len(order))
            order[at:at] = rows
            return
        at = _place(step.where, max(0, len(order) - count))
        rows = order[at : at + count]
        del order[at : at + count]
        if step.do == "move":
            order[:0] = rows
        else:
            self._gone.update(map(row_name, rows))

    def _follow(self, rows: Sequence[Json]) -> None:
        """The world changed: rows keep their place, new ones come on top, what is gone stays away."""
        fresh = {row_name(row): row for row in rows}
        held = {row_name(row) for row in self._reserve}
        self._reserve = [fresh[name] for row in self._reserve if (name := row_name(row)) in fresh]
        known = {row_name(row) for row in self._order}
        kept = [fresh[name] for row in self._order if (name := row_name(row)) in fresh]
        new = [row for name, row in fresh.items() if name not in known | held | self._gone]
        self._order, self._whole = new + kept, rows


def row_name(row: Json) -> str:
    return f"{row['id']}/{row['nxlId']}" if row.get("nxlId") else str(row["id"])


def _place(where: str | int, length: int) -> int:
    if isinstance(where, int):
        return min(where, length)
    return length * _PLACES.index(where) // 2
