"""Records made fast are the records they claim to be."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from connector.domain.making import maker
from connector.domain.records import Line, TaskState
from connector.domain.status import Role, Status

DAY = date(2022, 2, 28)


def test_what_it_makes_is_equal_to_what_the_class_makes() -> None:
    made, plain = (
        make("việc", "người giao", "Sở Y tế", Status.DONE, "Xong", DAY, None, due_on=DAY, due_at=None, urged=True)
        for make in (maker(TaskState), TaskState)
    )
    assert type(made) is TaskState
    assert (made, hash(made), repr(made)) == (plain, hash(plain), repr(plain))
    assert dataclasses.replace(made, lead="Sở Nội vụ") != plain


def test_it_is_as_frozen_as_any_other() -> None:
    made = maker(Line)("Sở Y tế", Role.LEAD, "", "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.name = "Sở Nội vụ"  # type: ignore[misc]
    assert made == Line("Sở Y tế", Role.LEAD, "", "")
