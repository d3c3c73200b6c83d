"""After any run the database equals what the server would show, or the run says exactly what is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from connector.domain.runs import Outcome
from connector.jobs.sync_result import SyncResult
from tests.faults.place import Place
from tests.faults.records import Difference, Key, Records, differences, stored, truth

# -- what the run says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a run says it has not read: ``lists`` ("1002/dagiao"), ``records`` with the fields that go with a part;
    ``unnamed``: rows without an id and records beyond the named examples, of which only the number is told."""

    lists: frozenset[str]
    records: Mapping[Key, frozenset[str]]
    unnamed: int


_FIELDS = {
    "flow": {"flow"}, "processors": {"lines"}, "children": {"children"}, "files": {"files"}, "log": {"log"},
    "related": {"answers"}, "detail": {"content", "files", "label"},
}  # fmt: skip
_ALL = frozenset({"*"})
_LIST = re.compile(r"ioffice/[^/]+/(\d+/[^:]+(?::[^:]+\.\.[^:]+)?): ")
_RECORDS = re.compile(r"(task|document) ([\d, ]+?)(?: \(\+(\d+)\))?: (\w+): ")


def told(place: Place, result: SyncResult) -> Told:
    """From the problems of the run and the rows it could not read, as ``status`` shows them."""
    lists: set[str] = set()
    records: dict[Key, frozenset[str]] = {}
    unnamed = 0
    for problem in result.problems:
        if one := _LIST.match(problem):
            lists.add(one[1])
        elif one := _RECORDS.match(problem):
            for record in one[2].split(", "):
                records[one[1], record] = records.get((one[1], record), frozenset()) | _FIELDS[one[4]]
            unnamed += int(one[3] or 0)
    for row in place.app.overview().rejected_now:
        if row["subject"] is None:
            unnamed += 1
        else:
            records[row["kind"].partition("_")[0], row["subject"]] = _ALL
    return Told(frozenset(lists), records, unnamed)


def assert_true_or_told(
    place: Place,
    result: SyncResult,
    *,
    before: Records | None = None,
    labels: Mapping[str, str] | None = None,
    kinds: Collection[str] = ("task", "document"),
) -> Difference:
    """The measure; returns what is missing. ``before``: what was stored before the run; a run that ended with an error
    may have left a record as it was, or parts of a new one unread, but nothing in between. ``labels``: of tasks the
    server shows with another one. ``kinds``: of records that were to be read at all."""
    wanted, found = _only(kinds, truth(place)), _only(kinds, stored(place))
    for task, label in (labels or {}).items():
        wanted["task", task]["label"] = label
    off = differences(wanted, found)
    recorded = place.rows("SELECT outcome, error, detail FROM run ORDER BY id DESC LIMIT 1")[0]
    assert recorded[0] == result.outcome, "the run's record says what its result says"
    assert json.loads(recorded[2])["problems"] == list(result.problems)
    if result.outcome is Outcome.OK:
        assert off == {}, off
        assert (result.problems, result.error) == ((), None)
        return off
    said = told(place, result)
    assert said.records.keys() <= wanted.keys() | found.keys(), "nothing is named that is not there"
    if result.error is not None:
        assert recorded[1].startswith(type(result.error).__name__)
        touched = {key: _wrong(fields) for key, fields in off.items() if found.get(key) != (before or {}).get(key)}
        unsaid = {key: fields for key, fields in touched.items() if not _is_said(key, fields, wanted, said)}
        assert len(unsaid) <= said.unnamed, f"neither unread, nor as before, nor as the server shows it: {unsaid}"
        return off
    assert said.lists or said.records or said.unnamed or result.outcome is Outcome.UNRECONCILED, result
    unsaid = {key: fields for key, fields in off.items() if not _is_said(key, fields, wanted, said)}
    assert len(unsaid) <= said.unnamed, unsaid
    return off


def _wrong(fields: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Without what is known not to have been read."""
    return {name: values for name, values in fields.items() if values[1] is not None}


def _only(kinds: Collection[str], records: Records) -> Records:
    return {key: one for key, one in records.items() if key[0] in kinds}


def _is_said(key: Key, fields: Mapping[str, Any], wanted: Records, said: Told) -> bool:
    named = said.records.get(key, frozenset())
    if named == _ALL or fields.keys() <= named:
        return True
    if key[0] == "document":
        return any("/D" in one for one in said.lists)
    if key not in wanted:  # gone, but who knows whether it is in the list that was not read
        return any(one.endswith(("/dagiao", "/duocgiao")) for one in said.lists)
    return any(f"{identity}/{name}" in said.lists for identity, name, _ in wanted[key]["in lists"])
