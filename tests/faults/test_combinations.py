"""Several oddities at once that do no harm alone: the tables are those of an undisturbed reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.runs import Outcome
from connector.standin.faults import Fault, Knobs
from tests import databases
from tests.faults.measure import assert_true_or_told
from tests.faults.place import NEXT, WHOLE, a_place
from tests.faults.records import Tables, tables

BYTES = ["nfd", "bom", "gzip", "spaces", "chunked", "no_length", "number_code"]
ODD: dict[str, list[dict[str, Any]]] = {
    **{effect: [{"effect": effect}] for effect in BYTES},
    "ids as numbers": [{"effect": "numeric_ids"}],
    "ids as floats": [{"effect": "numeric_ids", "value": "float"}],
    "ids as text of floats": [{"effect": "numeric_ids", "value": "text"}],
    "silent cap": [{"effect": "cap", "path": "getlist", "value": "7"}],
    "last page repeated": [{"effect": "repeat_last", "path": "getlist"}],
    "overlapping pages": [{"effect": "shift", "path": "getlist", "value": "2"}],
    "null for an empty page": [{"effect": "null_when_empty", "path": "getlist"}],
    "nothing for an empty page": [{"effect": "missing_when_empty", "path": "getlist"}],
    "large pages refused": [{"effect": "page_refused"}],
    "large pages break": [{"effect": "page_error"}],
    "the word null": [{"effect": "null_words"}],
    "the word none": [{"effect": "null_words", "value": "none"}],
    "entities": [{"effect": "entities"}],
    "invisible characters": [{"effect": "invisible"}],
    "own status of lines": [{"effect": "line_status", "path": "duocgiao"}],
    "a new field": [{"effect": "add_field", "path": "getlist", "name": "la", "value": "{}"}],
    "busy at times": [{"effect": "busy", "path": "get", "times": 2, "skip": 30}],
    "dropped at times": [{"effect": "drop", "path": "job/", "times": 2, "skip": 9}],
    "a page at times": [{"effect": "html", "path": "document/", "times": 1, "skip": 9}],
    "told to wait": [{"effect": "throttle", "path": "getlistjobd", "times": 1, "value": "+5"}],
}
SESSIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "tokens of 30 calls": {"token_calls": 30},
    "tokens of 30 calls, expiry in capitals": {"token_calls": 30, "expired_form": "upper"},
    "tokens of 30 calls, expiry as a page": {"token_calls": 30, "expired_form": "html"},
    "one session an account": {"single_session": True},
    "one session an account, tokens of 50 calls": {"single_session": True, "token_calls": 50},
    "cookies": {"cookie_required": True},
}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    odd=st.lists(st.sampled_from(sorted(ODD)), min_size=2, max_size=4, unique=True),
    sessions=st.sampled_from(sorted(SESSIONS)),
    concurrency=st.sampled_from([1, 4, 8]),
    knows=st.booleans(),
)
def test_whatever_comes_together_the_tables_are_those_of_an_undisturbed_reading(
    odd: list[str],
    sessions: str,
    concurrency: int,
    knows: bool,
    database: Path,
    empty_database: Path,
    read_once: Path,
    undisturbed: Tables,
) -> None:
    """``knows``: the same facts were read before in their usual form; other words for them are no change."""
    databases.copy(read_once if knows else empty_database, database)
    faults = [Fault(**one) for name in odd for one in ODD[name]]
    knobs = Knobs(faults=faults, **SESSIONS[sessions])
    with a_place(database, knobs=knobs, concurrency=concurrency, attempts=5) as place:
        result = place.app.sync("ioffice", full=knows)
        assert_true_or_told(place, result)
        assert result.outcome is Outcome.OK
        assert tables(place) == undisturbed
        assert result.counts.updated == 0


WORST: dict[str, list[str]] = {
    "bytes": ["nfd", "bom", "gzip", "spaces", "chunked"],
    "words": ["ids as floats", "the word null", "entities", "invisible characters", "nfd", "own status of lines"],
    "lists": ["silent cap", "last page repeated", "null for an empty page", "large pages break"],
    "troubles": ["busy at times", "dropped at times", "a page at times", "told to wait", "a new field"],
}


@pytest.mark.parametrize("several", WORST)
def test_all_oddities_of_a_kind_at_once_change_nothing_in_an_ordinary_run(known_database: Path, several: str) -> None:
    faults = [Fault(**one) for name in WORST[several] for one in ODD[name]]
    knobs = Knobs(faults=faults, token_calls=50, single_session=several != "lists")
    with a_place(known_database, NEXT, knobs, attempts=5, **WHOLE) as place:
        result = place.app.sync("ioffice")
        assert_true_or_told(place, result)
        assert result.outcome is Outcome.OK
