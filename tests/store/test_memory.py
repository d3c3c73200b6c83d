"""What is remembered of a source from run to run, and its own vocabularies."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from connector.domain.requests import Term
from connector.store.unit_of_work import SqlUnitOfWork
from tests.builders import at

NIGHT = at("2022-02-14")
UNITS = [Term("U1200", "UBND tỉnh (mẫu)", "0"), Term("U1310", "Sở Mẫu A", "U1200")]


def test_what_was_remembered_last_is_known_under_its_source_and_name(uow: SqlUnitOfWork) -> None:
    with uow:
        uow.memory.put("vnpt", "notices", {"1001": "70001"}, NIGHT)
        uow.memory.put("vnpt", "words", {"version": "x"}, NIGHT)
        uow.memory.put("khác", "notices", {}, NIGHT)
        uow.memory.put("vnpt", "notices", {"1001": "70002", "5501": "70009"}, NIGHT + timedelta(days=1))
        uow.commit()
    with uow:
        assert uow.memory.get("vnpt", "notices") == {"1001": "70002", "5501": "70009"}
        assert uow.memory.get("vnpt", "words") == {"version": "x"}
        assert uow.memory.get("khác", "notices") == {}, "remembered, and empty"
        assert uow.memory.get("khác", "words") is None, "never remembered"


def test_a_vocabulary_is_what_the_source_showed_last(uow: SqlUnitOfWork) -> None:
    with uow:
        uow.memory.keep_vocabulary("vnpt", "unit", UNITS, NIGHT)
        uow.memory.keep_vocabulary("vnpt", "type", [Term("CV", "Công văn")], NIGHT)
        uow.memory.keep_vocabulary("khác", "unit", [Term("9", "Đơn vị khác")], NIGHT)
        uow.commit()
        assert uow.memory.vocabulary("vnpt") == {"type": [Term("CV", "Công văn")], "unit": UNITS}
        renamed = [UNITS[0], Term("U1310", "Sở Mẫu A (mới)", "U1200"), Term("U1311", "Sở Mẫu B", "U1200")]
        uow.memory.keep_vocabulary("vnpt", "unit", renamed, NIGHT + timedelta(days=1))
        uow.commit()
        assert uow.memory.vocabulary("vnpt")["unit"] == renamed
        assert uow.memory.vocabulary("vnpt")["type"] == [Term("CV", "Công văn")]
        assert uow.memory.vocabulary("trống") == {}


def test_an_entry_that_is_gone_is_kept_and_marked_and_may_come_back(uow: SqlUnitOfWork, engine: Engine) -> None:
    days = [NIGHT + timedelta(days=number) for number in range(3)]
    with uow:
        uow.memory.keep_vocabulary("vnpt", "unit", UNITS, days[0])
        uow.memory.keep_vocabulary("vnpt", "unit", UNITS[:1], days[1])
        uow.commit()
        assert uow.memory.vocabulary("vnpt") == {"unit": UNITS[:1]}
    assert _marks(engine) == [("U1200", True), ("U1310", False)]
    with uow:
        uow.memory.keep_vocabulary("vnpt", "unit", [], days[2])
        uow.commit()
        assert uow.memory.vocabulary("vnpt") == {}
        uow.memory.keep_vocabulary("vnpt", "unit", UNITS, days[2])
        uow.commit()
        assert uow.memory.vocabulary("vnpt") == {"unit": UNITS}
    with engine.connect() as connection:
        first = connection.exec_driver_sql("SELECT DISTINCT first_seen_at, last_seen_at FROM vocabulary").all()
    assert [tuple(str(one)[:10] for one in row) for row in first] == [("2022-02-14", "2022-02-16")]


def _marks(engine: Engine) -> list[tuple[str, bool]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT code, gone_at IS NULL FROM vocabulary ORDER BY code")
        return [(row[0], bool(row[1])) for row in rows]


def test_of_two_entries_with_one_code_the_later_is_kept(uow: SqlUnitOfWork) -> None:
    with uow:
        uow.memory.keep_vocabulary("vnpt", "unit", [Term("", "Không mã"), Term("", "Không mã khác")], NIGHT)
        uow.commit()
        assert uow.memory.vocabulary("vnpt") == {"unit": [Term("", "Không mã khác")]}
