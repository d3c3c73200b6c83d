"""What notifications hint at: sooner, never less."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import AuthNeeded
from tests.sources.conftest import MakeSource
from tests.sources.fake import FakeOffice, Json, Reply, Seen, envelope, expired


class Notices:
    """Notifications of each identity, newest first, as the office shows them: ten a page."""

    def __init__(self, office: FakeOffice) -> None:
        self.of: dict[str, list[Json]] = {}
        office.answer = self.answer

    def add(self, identity: str, number: int, kind: str = "3", record: str = "") -> None:
        link = f"CV|{record or 90_000 + number}|31"
        self.of.setdefault(identity, []).insert(0, {"id": str(number), "type": kind, "link": link})

    def answer(self, seen: Seen, identity: str) -> Any:
        if "getlistnotify/v2" not in seen.path:
            return None
        number, size = int(seen.body["pageNo"]), int(seen.body["pageRec"])
        rows = self.of.get(identity, [])
        return {"count": str(len(rows)), "notifys": rows[(number - 1) * size : number * size]}


@pytest.fixture
def notices(office: FakeOffice) -> Notices:
    return Notices(office)


def test_of_an_identity_seen_for_the_first_time_the_newest_notification_is_only_remembered(
    office: FakeOffice, make_source: MakeSource, notices: Notices
) -> None:
    for number in range(25):
        notices.add("1001", number)
    source = make_source()
    source.open()
    hints = source.hints({})
    assert (hints.tasks, hints.documents, hints.newest, hints.problem) == (
        frozenset(),
        frozenset(),
        {"ketnoi.mau/1001": "24"},
        "",
    )
    [request] = office.asked("notify")
    assert (request.method, request.path, request.body) == (
        "POST", "/qlvb/api/notifycation/getlistnotify/v2/", {"pageNo": "1", "pageRec": "10"},
    )  # fmt: skip


def test_the_records_of_newer_notifications_are_hints_by_kind(make_source: MakeSource, notices: Notices) -> None:
    source = make_source()
    source.open()
    notices.add("1001", 1)
    first = source.hints({})
    for number, kind in enumerate(["3", "1", "2", "KYVANBAN", "4", "5", "6", "7", ""], start=2):
        notices.add("1001", number, kind, record=f"{kind}-{number}")
    second = source.hints(first.newest)
    assert second.tasks == {"3-2"}
    assert second.documents == {"1-3", "2-4", "KYVANBAN-5"}
    assert second.newest == {"ketnoi.mau/1001": "10"}
    third = source.hints(second.newest)
    assert (third.tasks, third.documents, third.newest) == (frozenset(), frozenset(), {"ketnoi.mau/1001": "10"})


@pytest.mark.parametrize(("new", "pages"), [(9, 1), (10, 2), (25, 3)])
def test_pages_are_read_back_to_the_newest_notification_known(
    new: int, pages: int, office: FakeOffice, make_source: MakeSource, notices: Notices
) -> None:
    for number in range(50 + new):
        notices.add("1001", number)
    source = make_source()
    source.open()
    assert source.hints({"ketnoi.mau/1001": "49"}).tasks == {str(90_000 + number) for number in range(50, 50 + new)}
    assert office.count("notify") == pages


def test_where_the_one_known_is_gone_only_so_many_pages_are_read(
    office: FakeOffice, make_source: MakeSource, notices: Notices
) -> None:
    for number in range(1000):
        notices.add("1001", number)
    source = make_source()
    source.open()
    hints = source.hints({"ketnoi.mau/1001": "gone"})
    assert (len(hints.tasks), office.count("notify")) == (200, 20)
    assert hints.newest == {"ketnoi.mau/1001": "999"}, "the next look has somewhere to stop again"


def test_a_server_that_repeats_its_last_page_is_not_asked_for_ever(
    office: FakeOffice, make_source: MakeSource, notices: Notices
) -> None:
    notices.add("1001", 1)
    usual = notices.answer
    office.answer = lambda seen, identity: usual(Seen("", seen.path, {}, seen.body | {"pageNo": "1"}, 0), identity)
    source = make_source()
    source.open()
    assert source.hints({"ketnoi.mau/1001": "gone"}).tasks == {"90001"}
    assert office.count("notify") == 2


def test_each_identity_is_remembered_on_its_own(office: FakeOffice, make_source: MakeSource, notices: Notices) -> None:
    office.identities = ("5501", "5502")
    source = make_source()
    source.open()
    notices.add("1001", 10)
    notices.add("5501", 20)
    first = source.hints({})
    assert first.newest == {"ketnoi.mau/1001": "10", "ketnoi.mau/5501": "20", "ketnoi.mau/5502": ""}
    notices.add("5501", 21)
    notices.add("5502", 30)
    second = source.hints(first.newest)
    assert second.tasks == {"90021", "90030"}, "the third had none yet: its first one is news"
    assert second.newest == {"ketnoi.mau/1001": "10", "ketnoi.mau/5501": "21", "ketnoi.mau/5502": "30"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(envelope(None, "9", "Không hỗ trợ")),
        Reply(b"<html>bao tri</html>"),
        Reply(envelope({"notifys": "x"})),
        Reply(envelope(), 503),
    ],
    ids=["refused", "html", "no list", "unavailable"],
)
def test_an_identity_whose_notifications_cannot_be_read_is_a_problem_and_no_hindrance(
    reply: Reply, office: FakeOffice, make_source: MakeSource, notices: Notices
) -> None:
    office.identities = ("5501",)
    source = make_source(attempts=1)
    source.open()
    notices.add("5501", 20)
    office.plan("getlistnotify", reply)
    hints = source.hints({"ketnoi.mau/1001": "9", "ketnoi.mau/5501": "19"})
    assert hints.tasks == {"90020"}
    assert hints.newest == {"ketnoi.mau/1001": "9", "ketnoi.mau/5501": "20"}, (
        "what could not be read is looked for again"
    )
    assert hints.problem.startswith("ketnoi.mau/1001: ")


def test_a_refused_login_is_no_missing_hint(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source()
    source.open()
    office.expire()
    office.refuse_login = expired()
    with pytest.raises(AuthNeeded):
        source.hints({})
    with pytest.raises(AuthNeeded):
        source.vocabularies()


def test_a_vocabulary_that_cannot_be_read_is_left_out(office: FakeOffice, make_source: MakeSource) -> None:
    office.plan("getlistpriority", Reply(envelope(None, "9", "Không hỗ trợ")))
    office.plan("DANHGIACONGVIEC", Reply(envelope({"x": 1})))
    source = make_source()
    source.open()
    found = source.vocabularies()
    assert "type" in found
    assert {"priority", "DANHGIACONGVIEC"} & set(found) == set()
