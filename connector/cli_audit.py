"""``connector audit …``: who did what, and the proof that the record of it is whole. No decisions here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from connector.errors import AuditBroken
from connector.terminal import JsonFlag, open_app, print_json, print_lines

audit_commands = typer.Typer(help="Nhật ký thao tác: ai đã làm gì, lúc nào.", no_args_is_help=True)


@audit_commands.command("list")
def list_entries(
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Từ ngày, giờ này; ví dụ 2022-02-28."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Mọi thao tác của người và mọi thay đổi của phát hiện, cũ nhất trước."""
    from connector import views_audit
    from connector.bootstrap_audit import AuditApp

    opened = open_app()
    found = AuditApp(opened).listed(since)
    if as_json:
        print_json([views_audit.entry_json(one) for one in found])
    else:
        zone = opened.settings.office.zone
        print_lines([views_audit.entry_text(one, zone) for one in found] or ["Chưa có mục nào."])


@audit_commands.command()
def verify(
    known: Annotated[
        str, typer.Option("--known", metavar="MÃ_BĂM", help="Mã băm đã ghi lại lần trước; phải còn trong nhật ký.")
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Nhật ký có bị sửa, xóa hay chèn mục nào không; nêu mục đầu tiên không còn nguyên vẹn."""
    from connector import views_audit
    from connector.bootstrap_audit import AuditApp

    found = AuditApp(open_app()).verify(known)
    print_json(views_audit.verdict_json(found)) if as_json else print_lines(views_audit.verdict_text(found))
    if found.broken is not None:
        raise AuditBroken(f"entry {found.broken} is not as written", number=found.broken, why=found.why)
