from __future__ import annotations

import json

from connector.report.jsonview import report_json
from tests.builders_report import seed_report, uneven_report

FIGURES = (
    "assigned",
    "completed_on_time",
    "completed_late",
    "not_completed",
    "open_in_time",
    "open_overdue",
    "no_deadline",
)

COMPARED = {"reconciliation": "", "reconciled": True}
"""A report built without a reading that compared the source's counters."""


def test_the_view_has_exactly_the_documented_keys_and_is_plain_json() -> None:
    view = report_json(uneven_report())
    assert list(view) == [
        "period",
        "as_of",
        "cutoff",
        "made_at",
        *FIGURES,
        "by_agency",
        "overdue",
        "violations",
        "not_evaluable",
        "observed_completions",
        "observed",
        "uncertain",
        "backlog",
        "missing",
        "cancelled",
        "unresolved",
        "unlinked_findings",
        "waived",
        "uncounted_assigners",
        "data",
        "warnings",
    ]
    assert json.loads(json.dumps(view, allow_nan=False)) == view


def test_the_seed_month_gives_the_published_figures() -> None:
    view = report_json(seed_report())
    assert [view[name] for name in FIGURES] == [183, 119, 0, 64, 58, 6, 0]
    assert (view["period"], view["as_of"]) == ("2022-02", "2022-02-28")
    assert (view["cutoff"], view["made_at"]) == ("2022-02-28T23:59:59+07:00", "2022-03-01T01:00:00+00:00")
    assert view["overdue"][3] == {
        "task": "90036",
        "name": "Hướng dẫn thực hiện chương trình xây dựng nông thôn mới giai đoạn mới",
        "document": "56/UBND-TH",
        "document_date": "2022-02-10",
        "agency": "UBND_TP_LANG_SON",
        "agency_name": "UBND thành phố Lạng Sơn",
        "due": "2022-02-17",
        "days_overdue": 11,
    }
    assert view["backlog"] == {"open": 18, "overdue": 15}
    assert view["data"] == {"last_sync_at": "2022-02-28T16:30:00+00:00", "hours": 8.5, "covers_cutoff": True} | COMPARED


def test_figures_of_the_agencies_add_up_to_those_of_the_report() -> None:
    view = report_json(seed_report())
    for name in FIGURES:
        assert sum(line[name] for line in view["by_agency"].values()) == view[name]
    assert view["by_agency"]["SO_TTTT"]["name"] == "Sở Thông tin và Truyền thông"


def test_a_violated_document_shows_its_rules_once_and_every_finding() -> None:
    first = report_json(seed_report())["violations"][0]
    assert (first["agency"], first["name"], first["count"]) == ("SO_TTTT", "Sở Thông tin và Truyền thông", 1)
    document = first["documents"][0]
    assert (document["id"], document["notation"], document["date"]) == ("450005", "41/UBND-KGVX", "2022-02-10")
    assert document["rules"] == ["PV01_RECEIVE_LATE", "PV02_FORWARD_LATE", "PV06_SILENT_AT_DUE"]
    assert document["findings"][2] == {
        "rule": "PV06_SILENT_AT_DUE",
        "task": "90003",
        "breached_on": "2022-02-21",
        "reason": "Bước này phải xong trước ngày 21/02/2022.",
    }


def test_what_is_unknown_is_said() -> None:
    view = report_json(uneven_report())
    assert view["not_evaluable"] == {
        "PV01_RECEIVE_LATE": {"count": 3, "reasons": {"thiếu ngày tiếp nhận": 2, "thiếu nhật ký": 1}}
    }
    assert view["observed_completions"] == 1
    (observed,) = view["observed"]
    assert (observed["after"], observed["by"]) == ("2022-02-20T16:30:00+00:00", "2022-02-21T16:30:00+00:00")
    (uncertain,) = view["uncertain"]
    assert uncertain == {
        "task": observed["task"],
        "why": "Hoàn thành trong khoảng hai lần đọc, lấy theo hướng có lợi cho cơ quan.",
    }
    assert view["data"] == {"last_sync_at": None, "hours": None, "covers_cutoff": False} | COMPARED
    assert view["unresolved"] == [
        {"task": "90777", "text": "@Nhiệm vụ lạ", "why": "Trạng thái chưa có trong bảng quy đổi"}
    ]
    assert [item["task"] for item in view["unlinked_findings"]] == ["90778"]
    assert "?Ban Quản lý dự án X" in view["by_agency"]


def test_secret_content_is_nowhere_in_the_view() -> None:
    view = report_json(uneven_report())
    assert "bí mật X" not in json.dumps(view, ensure_ascii=False)
    assert view["overdue"][1]["name"] == "(nội dung mật)"
    assert view["violations"][0]["documents"][0]["findings"][0]["reason"] == "(nội dung mật)"
