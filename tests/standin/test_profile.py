"""Knobs from JSON and profile files: what is right works, what is wrong is named with its key, in Vietnamese."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.errors import TimelineError
from connector.messages import operator_message
from connector.standin.churn import Churn, Step
from connector.standin.faults import EFFECTS, Fault, Knobs
from connector.standin.process import StandInProcess
from connector.standin.profile import EXAMPLE, Change, Profile, read_profile
from connector.standin.server import StandIn
from connector.standin.timeline import packaged
from tests.standin.client import Client, local
from tests.standin.test_faults import FLOW

SETUP = packaged()[1]


def write(folder: Path, values: object) -> Path:
    path = folder / "ho-so.json"
    path.write_text(values if isinstance(values, str) else json.dumps(values, ensure_ascii=False), encoding="utf-8")
    return path


# --- what is right


def test_knobs_can_be_set_from_json() -> None:
    knobs = Knobs()
    faults = [{"effect": "cap", "value": "10", "ids": ["1"]}]
    steps = [{"request": 2, "do": "move", "where": 7}, {"request": 3, "do": "insert", "where": "end", "count": 2}]
    knobs.change({"token_calls": 5, "token_seconds": 2, "faults": faults, "churn": [{"steps": steps}]})
    assert (knobs.token_calls, knobs.token_seconds) == (5, 2)
    assert knobs.faults == [Fault("cap", value="10", ids=("1",))]
    assert knobs.churn == [Churn((Step(2, "move", 7), Step(3, "insert", "end", 2)))]
    knobs.change({"faults": []})
    assert (knobs.faults, knobs.token_calls) == ([], 5), "what is not mentioned stays"


def test_a_profile_sets_knobs_the_instant_and_later_changes(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "_": "ghi chú",
            "now": "2022-02-28T23:30",
            "single_session": True,
            "faults": [{"effect": "busy", "_": "ghi chú", "path": "getlistjobflow/90121/"}],
            "schedule": [{"after_requests": 3, "knobs": {"faults": []}}],
        },
    )
    profile = read_profile(path, SETUP)
    assert profile.now == local("2022-02-28 23:30")
    assert profile == Profile(
        single_session=True,
        faults=[Fault("busy", path="getlistjobflow/90121/")],
        schedule=[Change(3, {"faults": []})],
        now=local("2022-02-28 23:30"),
    )
    aware = read_profile(write(tmp_path, {"now": "2022-02-28T16:30:00+00:00"}), SETUP)
    assert aware.now is not None
    assert (aware.now - profile.now, read_profile(write(tmp_path, {}), SETUP).now) == (timedelta(0), None)


def test_knobs_change_after_so_many_requests() -> None:
    busy = {"faults": [{"effect": "busy", "path": "countmenu"}]}
    schedule = [Change(4, {"faults": []}), Change(2, busy), Change(4, {"token_calls": 6})]
    with StandIn.packaged(local("2022-02-28 23:59"), schedule=schedule) as standin, Client(standin.url) as client:
        client.login()
        statuses = [client.get("api/document/countmenu/").status for _ in range(8)]
    assert statuses == [200, 400, 400, 200, 200, 200, 401, 401]


def test_a_process_can_be_given_a_profile(tmp_path: Path) -> None:
    path = write(tmp_path, {"now": "2022-02-14T12:00", "faults": [{"effect": "busy", "path": "countmenu"}]})
    with StandInProcess(now=None, profile=path, knobs={"counters": {"TTDH_GUI": 1}}) as process:
        with Client(process.url) as client:
            client.login()
            assert client.get("api/document/countmenu/").status == 400
            process.change_knobs(faults=[])
            assert client.counters()["TTDH_GUI"] == 1
        assert process.ledger.entries[0].at == local("2022-02-14 12:00")


# --- the example


def example() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return values


def test_the_example_explains_every_key_and_every_effect() -> None:
    values = example()
    keys = {name for name in values if not name.startswith("_")}
    assert keys == {one.name for one in fields(Profile)}
    assert all(values.get(f"_{name}") for name in keys), "each has a remark"
    assert [fault["effect"] for fault in values["faults"]] == list(EFFECTS)
    assert all(fault["_"] for fault in values["faults"])
    used = {name for fault in values["faults"] for name in fault if name != "_"}
    assert used == {one.name for one in fields(Fault) if one.init}
    words = {word for one in EFFECTS.values() if isinstance(one.takes, tuple) for word in one.takes}
    assert not {word for word in words if word not in EXAMPLE.read_text(encoding="utf-8")}


def test_the_example_is_valid_and_changes_nothing_until_it_is_edited(client: Client, standin: StandIn) -> None:
    profile = read_profile(EXAMPLE, SETUP)
    standin.move_to(profile.now or standin.now)
    defaults = Profile()
    differing = {one.name for one in fields(Profile) if getattr(profile, one.name) != getattr(defaults, one.name)}
    assert differing == {"now", "schedule", "faults"}
    with StandIn.packaged(profile.now, knobs=profile, schedule=profile.schedule) as other, Client(other.url) as guest:
        guest.login()
        assert [guest.tasks(), guest.get(FLOW).data, guest.counters()] == [
            client.tasks(),
            client.get(FLOW).data,
            client.counters(),
        ]


def test_all_effects_and_the_churn_of_the_example_can_be_switched_on(tmp_path: Path) -> None:
    values = example()
    values["churn"] = values["_churn_mẫu"]
    for fault in values["faults"]:
        del fault["times"]
    profile = read_profile(write(tmp_path, values), SETUP)
    assert [fault.times for fault in profile.faults] == [None] * len(EFFECTS)
    assert [step.do for step in profile.churn[0].steps] == ["insert", "remove", "move"]


# --- what is wrong


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"token_cals": 1}, "token_cals — không có khóa này; tên gần nhất: token_calls"),
        ({"token_calls": "3"}, "token_calls — phải là số nguyên"),
        ({"token_calls": True}, "token_calls — phải là số nguyên"),
        ({"token_seconds": "1"}, "token_seconds — phải là số"),
        ({"single_session": 1}, "single_session — phải là true hoặc false"),
        ({"refused_login": "htm"}, "refused_login — phải là một trong: .*gần nhất: html"),
        ({"logins": ["v4"]}, "logins → mục 1 — phải là một trong: v1, v2, v3"),
        ({"locked": "a"}, "locked — phải là danh sách"),
        ({"counters": {"TTDH_GUI": "2"}}, "counters → TTDH_GUI — phải là số nguyên"),
        ({"counters": []}, "counters — phải là đối tượng"),
        ({"faults": {"effect": "cap"}}, "faults — phải là danh sách"),
        ({"faults": ["cap"]}, "faults → mục 1 — phải là đối tượng"),
        ({"faults": [{"path": "x"}]}, "faults → mục 1 → effect — thiếu khóa bắt buộc"),
        ({"faults": [{"effect": "repeat_lst"}]}, "faults → mục 1 → effect — .*tên gần nhất: repeat_last"),
        ({"faults": [{"effect": "cap", "tims": 1}]}, "faults → mục 1 → tims — .*tên gần nhất: times"),
        ({"faults": [{"effect": "cap", "seen": 1}]}, "faults → mục 1 → seen — không có khóa này"),
        ({"faults": [{"effect": "cap"}, {"effect": "cap", "value": 10}]}, "faults → mục 2 → value — phải là chữ"),
        ({"churn": [{"steps": [{"request": 2, "do": "inser"}]}]}, "churn → mục 1 → steps → mục 1 → do — .*: insert"),
        ({"churn": [{"steps": [{"request": 0, "do": "move"}]}]}, "churn → mục 1 → steps → mục 1 → request — phải từ 1"),
        ({"churn": [{"step": []}]}, "churn → mục 1 → step — .*tên gần nhất: steps"),
    ],
)
def test_a_mistake_in_knobs_is_named_and_nothing_changes(values: dict[str, Any], words: str, tmp_path: Path) -> None:
    knobs = Knobs()
    with pytest.raises(TimelineError, match=words):
        knobs.change({**values, "cookie_required": True})
    assert knobs == Knobs()
    with pytest.raises(TimelineError, match=words):
        read_profile(write(tmp_path, values), SETUP)
    with pytest.raises(TimelineError, match=f"schedule → mục 1 → knobs → {words}"):
        read_profile(write(tmp_path, {"schedule": [{"after_requests": 1, "knobs": values}]}), SETUP)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shedule": []}, "shedule — không có khóa này; tên gần nhất: schedule"),
        ({"now": "gestern"}, "now — phải là thời điểm, ví dụ 2022-02-28T23:30"),
        ({"now": 5}, "now — phải là thời điểm"),
        ({"schedule": [{"after_request": 1, "knobs": {}}]}, "after_request — .*tên gần nhất: after_requests"),
        ({"schedule": [{"after_requests": -1, "knobs": {}}]}, "schedule → mục 1 → after_requests — phải từ 0"),
        ({"schedule": [{"after_requests": 1}]}, "schedule → mục 1 → knobs — thiếu khóa bắt buộc"),
        ({"faults": [{"effect": "cap", "path": "getlistjobdagio"}]}, "mục 1 → path — .*tên gần nhất: getlistjobdagiao"),
        ({"faults": [{"effect": "cap", "identity": "1003"}]}, "faults → mục 1 → identity — .*tên gần nhất: 100"),
        ({"churn": [{"path": "flw", "steps": []}]}, "churn → mục 1 → path — không có đường dẫn 'flw'"),
        ({"locked": ["ketnoi.v"]}, "locked — .*tên gần nhất: ketnoi.vp"),
        ({"counters": {"CONGVIEC_DAGAO": 1}}, "counters — .*tên gần nhất: CONGVIEC_DAGIAO"),
        ({"jobreport": {"tota": 1}}, "jobreport — .*tên gần nhất: total"),
        ({"silent_events": ["don"]}, "silent_events — .*tên gần nhất: done"),
        (
            {"schedule": [{"after_requests": 1, "knobs": {"locked": ["x"]}}]},
            "schedule → mục 1 → knobs → locked — không",
        ),
        ("[]", "phải là đối tượng trong ngoặc nhọn"),
        ('{"a": 1,}', "dòng 1, cột 9 — không phải JSON"),
        ('{"token_calls": 1, "token_calls": 2}', "token_calls — khóa này có hai lần"),
    ],
)
def test_a_mistake_in_a_profile_is_named(values: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match=words):
        read_profile(write(tmp_path, values), SETUP)


def test_all_mistakes_of_a_profile_are_named_at_once_in_the_operators_message(tmp_path: Path) -> None:
    path = write(tmp_path, {"token_cals": 1, "now": "x", "faults": [{"effect": "fire"}, {"effect": "cap", "skp": 1}]})
    with pytest.raises(TimelineError) as caught:
        read_profile(path, SETUP)
    message = operator_message(caught.value)
    assert str(path) in message
    for words in (
        "token_cals — không có khóa này",
        "now — phải là",
        "mục 1 → effect — không có",
        "mục 2 → skp — không có",
    ):
        assert words in message
    assert not re.search(r"\*\*\*|Input should|Unexpected", message)


def test_a_profile_that_is_not_there_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(TimelineError) as caught:
        read_profile(tmp_path / "khong.json", SETUP)
    assert caught.value.fields["file"] == str(tmp_path / "khong.json")
