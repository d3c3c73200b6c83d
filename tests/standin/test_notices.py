from __future__ import annotations

from typing import Any, get_args

import pytest

from connector.standin import timeline
from connector.standin.notices import TITLES
from connector.standin.server import StandIn
from connector.standin.timeline import Created, LeadChanged, packaged
from tests.standin.client import Client, local
from tests.standin.proofs import proves

Rows = list[dict[str, Any]]
PATH = "api/notifycation/getlistnotify/v2/"


def notices(client: Client, number: int = 1, size: int = 5000) -> Rows:
    rows: Rows = client.post(PATH, {"pageNo": str(number), "pageRec": str(size)}).data["notifys"]
    return rows


def subject(row: dict[str, Any]) -> str:
    return str(row["link"].split("|")[1])


def test_notices_are_newest_first_and_their_ids_grow_with_time(client: Client, standin: StandIn) -> None:
    rows = notices(client)
    ids = [int(row["id"]) for row in rows]
    moments = [row["createdDate"][6:10] + row["createdDate"][3:5] + row["createdDate"][:2] for row in rows]
    moments = [day + row["createdDate"][10:] for day, row in zip(moments, rows, strict=True)]
    assert ids == sorted(set(ids), reverse=True)
    assert moments == sorted(moments, reverse=True)
    assert set(rows[0]) == {"id", "link", "type", "createdDate", "createdUser", "title", "avatar"}
    assert client.post(PATH, {"pageNo": "1", "pageRec": "10"}).data["count"] == str(len(rows))
    standin.move_to(local("2022-03-04 23:30"))
    later = notices(client)
    assert later[-len(rows) :] == rows, "old notices stay as they are"
    assert len(later) > len(rows)


def test_pages_of_notices_join_to_the_whole(client: Client) -> None:
    whole = notices(client)
    pages = [notices(client, number, 100) for number in range(1, len(whole) // 100 + 2)]
    assert [row for page in pages for row in page] == whole


@pytest.mark.parametrize(
    ("task", "kind", "by"),
    [
        ("90121", "created", "assigner"),
        ("90121", "lead_changed", "assigner"),
        ("90479", "progress", "lead"),
        ("90035", "extension_requested", "lead"),
        ("90035", "extension_approved", "assigner"),
        ("90048", "done", "lead"),
        ("90048", "returned", "assigner"),
        ("90061", "cancelled", "assigner"),
        ("90120", "urged", "assigner"),
        ("90117", "evaluated", "assigner"),
        ("90114", "submitted", "lead"),
        ("90125", "line_removed", "assigner"),
        ("90054", "coop_done", "lead"),
    ],
)
def test_whoever_sees_a_task_is_told_of_each_event_with_the_task_in_the_link(
    standin: StandIn, task: str, kind: str, by: str
) -> None:
    standin.move_to(local("2022-03-04 23:30"))
    about = [event for event in packaged()[0].events if event.ref == f"T{task}"]
    events = [event for event in about if event.kind == kind]
    created = next(event for event in about if isinstance(event, Created))
    leads = {created.lead_name, *(event.name for event in about if isinstance(event, LeadChanged))}
    people = leads if by == "lead" else {created.assigner}
    viewers = {view.identity for view in created.views}
    told = {}
    for username, password, identities in (
        ("ketnoi.vp", "Thu-nghiem-1", ("1001", "5501")),
        ("ketnoi.thnc", "Thu-nghiem-2", ("1002",)),
    ):
        with Client(standin.url) as client:
            client.login(username, password)
            for identity in identities:
                client.switch(identity)
                rows = [row for row in notices(client) if subject(row) == task and row["type"] == "3"]
                told[identity] = [row for row in rows if row["title"].startswith(TITLES[kind])]
    assert {identity for identity, rows in told.items() if rows} == viewers
    for identity in viewers:
        assert len(told[identity]) == len(events)
        assert {row["createdUser"] for row in told[identity]} <= people


def test_the_link_of_a_received_task_ends_with_its_line(client: Client) -> None:
    lines: dict[str, list[str]] = {}
    for row in client.tasks("duocgiao"):
        lines.setdefault(row["id"], []).append(row["nxlId"])
    linked = [row["link"].split("|") for row in notices(client) if len(row["link"].split("|")) == 3]
    assert {one[1] for one in linked} <= lines.keys()
    assert all(line in lines[task] for _, task, line in linked)


def test_documents_have_notices_of_their_issue_their_steps_and_their_answers(client: Client) -> None:
    rows = [row for row in notices(client) if row["type"] != "3"]
    of: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        of.setdefault(subject(row), []).append((row["type"], row["title"].partition(":")[0]))
    assert of["450670"][::-1][:3] == [("2", "Phát hành văn bản"), ("2", "Tiếp nhận"), ("2", "Chuyển xử lý")]
    assert of["450169"] == [("1", "Văn bản đến")]
    assert not any("CANARY" in str(row) for row in rows), "the subject may be secret"


@proves("silent_events")
def test_nobody_is_told_of_silent_events(client: Client, standin: StandIn) -> None:
    gone = [row for row in notices(client) if subject(row) == "90073"]
    assert not any(row["title"].startswith("Xóa") for row in gone)
    standin.knobs.silent_events = ()
    loud = [row["title"].partition(":")[0] for row in notices(client) if subject(row) in ("90073", "90080")]
    assert {"Xóa công việc", "Ẩn công việc", "Hiện lại công việc"} <= set(loud)
    standin.knobs.silent_events = ("progress", "done")
    assert not any(row["title"].startswith(("Báo cáo tiến độ", "Hoàn thành")) for row in notices(client))


def test_every_kind_of_event_has_a_title() -> None:
    kinds = {kind for event in get_args(timeline.AnyEvent) for kind in get_args(event.model_fields["kind"].annotation)}
    assert kinds == TITLES.keys()
