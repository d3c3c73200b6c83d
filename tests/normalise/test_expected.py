"""The table of expected fields holds what the normaliser reads."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.domain.records import RawRow, Stream
from connector.normalise.expected import EXPECTED, LABELS
from connector.normalise.rest import RestNormaliser
from tests.normalise.shape_deployment import AT, WORDS


class _Reads(dict[str, Any]):
    """A record that remembers which names were asked for."""

    def __init__(self, names: set[str], **fields: Any) -> None:
        super().__init__(fields)
        self.names = names

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


@pytest.mark.parametrize(
    ("kind", "nested"),
    [
        ("task_row", ""), ("task_detail", "files"), ("task_flow", "files"), ("task_processors", ""),
        ("document_row", ""), ("document_log", "parameter"), ("document_related", ""),
    ],
)  # fmt: skip
def test_every_field_the_normaliser_reads_is_expected(kind: str, nested: str) -> None:
    outer: set[str] = set()
    inner: set[str] = set()
    row = _Reads(outer, **{nested: [_Reads(inner)]}) if nested else _Reads(outer)
    normaliser = RestNormaliser(WORDS, ZoneInfo("Asia/Ho_Chi_Minh"))
    payload: Any = row if kind in ("task_row", "task_detail", "document_row") else [row]
    getattr(normaliser, kind)(RawRow(kind, Stream("v", "a", "i", "duocgiao"), payload, AT))
    read = outer | {f"{nested}[].{name}" for name in inner}
    assert read
    assert read <= EXPECTED[kind].keys(), read - EXPECTED[kind].keys()
    assert {field for of, field in LABELS if of == kind} <= read


def test_names_and_paths_are_unique_and_nested_ones_have_their_parent() -> None:
    for kind, fields in EXPECTED.items():
        for field in fields:
            parent = field.rpartition(".")[0].removesuffix("[]")
            assert not parent or parent in fields, (kind, field)
