"""The reasons for which files are refused: none without words, no words without use."""

from __future__ import annotations

import re
import string
import unicodedata
from pathlib import Path

import pytest

from connector.domain.refusals import REFUSALS
from connector.errors import FileNotReady, FileRefused
from connector.messages import operator_message


def test_every_reason_that_is_given_has_its_words_and_is_given_somewhere(root: Path) -> None:
    folders = [root / "connector" / name for name in ("sources", "jobs")]
    sources = "\n".join(path.read_text(encoding="utf-8") for one in folders for path in one.rglob("*.py"))
    given = set(re.findall(r'(?:FileRefused|FileNotReady|refusal|_refused)\(\s*"(\w+)"', sources))
    assert given - REFUSALS.keys() == set()
    assert REFUSALS.keys() - given == set()


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_says_what_where_and_how_to_mend_it(reason: str) -> None:
    refusal = REFUSALS[reason]
    names = {name for _, name, _, _ in string.Formatter().parse(refusal.sentence + refusal.mend) if name}
    fields = dict.fromkeys(names, "ABC")
    error = FileRefused(reason, "cause", file="a.xlsx", sheet="Nhiệm vụ", cell="B7", **fields)
    message = operator_message(error)
    assert "tệp: a.xlsx; trang tính: Nhiệm vụ; ô: B7" in message
    assert message.endswith(f"FileRefused: {reason}: cause")
    assert not set("{}") & set(message)
    assert "không rõ)" not in message
    assert unicodedata.is_normalized("NFC", message)


def test_a_reason_of_nobody_is_still_explained() -> None:
    assert "bị từ chối" in operator_message(FileRefused("???"))
    assert FileNotReady("still_written").retryable
    assert FileNotReady("still_written").exit_code == 75
