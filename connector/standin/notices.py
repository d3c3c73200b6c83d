"""Notifications: what happened to the tasks and documents an identity sees, newest first. Pure."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable

from connector.standin.checking import Json
from connector.standin.timeline import AnswerIssued, AnyEvent, Created, DocIssued, DocStep, LeadChanged
from connector.standin.wire import minute
from connector.standin.world import STEPS, State

TITLES = {
    "created": "Công việc mới",
    "assigned_inside": "Phân công thực hiện",
    "progress": "Báo cáo tiến độ",
    "extension_requested": "Đề nghị gia hạn",
    "extension_approved": "Đồng ý gia hạn",
    "submitted": "Trình phê duyệt",
    "done": "Hoàn thành công việc",
    "returned": "Trả lại công việc",
    "evaluated": "Đánh giá công việc",
    "lead_changed": "Đổi đơn vị chủ trì",
    "coop_done": "Đơn vị phối hợp hoàn thành",
    "line_removed": "Thu hồi đơn vị phối hợp",
    "cancelled": "Hủy công việc",
    "urged": "Đôn đốc công việc",
    "hidden": "Ẩn công việc",
    "shown": "Hiện lại công việc",
    "deleted": "Xóa công việc",
    "doc_issued": "Phát hành văn bản",
    "answer_issued": "Văn bản đến",
    **STEPS,
}
_BY_THE_LEAD = {"assigned_inside", "progress", "extension_requested", "submitted", "done", "coop_done"}
_FIRST_ID = 71_000_000


def notices(events: Iterable[AnyEvent], state: State, identity: str, silent: Collection[str]) -> list[Json]:
    """A notice for each of ``events`` (all so far, in order) that ``identity`` may see, except the ``silent`` kinds.
    Its id is the event's place in the timeline. A document is named by its notation only: it may be secret."""
    rows: list[Json] = []
    leads: dict[str, str] = {}
    for position, event in enumerate(events):
        notice: Json | None
        match event:
            case DocIssued() | DocStep() | AnswerIssued():
                notice = _of_document(event, state)
            case _:
                if isinstance(event, Created):
                    leads[event.ref] = event.lead_name
                elif isinstance(event, LeadChanged):
                    leads[event.ref] = event.name
                notice = _of_task(event, state, identity, leads[event.ref])
        if notice is not None and event.kind not in silent:
            rows.append({"id": str(_FIRST_ID + position), **notice, "createdDate": minute(event.at), "avatar": ""})
    rows.reverse()
    return rows


def _of_task(event: AnyEvent, state: State, identity: str, lead: str) -> Json | None:
    """``link`` ends with the line through which the identity sees the task, where it has one."""
    created = state.tasks[event.ref].created
    view = next((view for view in created.views if view.identity == identity), None)
    if view is None:
        return None
    return {
        "link": "|".join(["CV", created.id, *(line for line in view.lines[:1] if line)]),
        "type": "3",
        "createdUser": lead if event.kind in _BY_THE_LEAD else created.assigner,
        "title": f"{TITLES[event.kind]}: {html.unescape(created.name)}",
    }


def _of_document(event: DocIssued | DocStep | AnswerIssued, state: State) -> Json:
    """``type`` 1 for incoming documents, 2 for issued ones, as ``congVanDenDi``."""
    document = state.documents[f"A{event.id}" if isinstance(event, AnswerIssued) else event.ref]
    by = document.units.get(event.agency, event.agency) if isinstance(event, DocStep) else document.issuer
    return {
        "link": f"VB|{document.id}",
        "type": "2" if document.outgoing else "1",
        "createdUser": by,
        "title": f"{TITLES[event.kind]}: {document.notation}",
    }
