"""``connector findings …``: what was found, its life, and what people say about it. No decisions here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from connector.terminal import JsonFlag, account, open_app, print_json, print_lines

finding_commands = typer.Typer(help="Phát hiện: xem, ghi nhận, miễn xét có thời hạn.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="SỐ", help="Số của phát hiện, xem: connector findings list.")]
Actor = Annotated[str | None, typer.Option("--by", help="Người quyết định; để trống: tài khoản đang dùng trên máy.")]


@finding_commands.command("list")
def list_findings(
    state: Annotated[
        list[str] | None, typer.Option("--state", help="open, acknowledged, waived, closed; nêu được nhiều lần.")
    ] = None,
    rule: Annotated[str, typer.Option("--rule", help="Mã quy tắc, ví dụ TD01_OVERDUE.")] = "",
    agency: Annotated[str, typer.Option("--agency", help="Mã cơ quan, ví dụ SO_TP.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="Mã nhiệm vụ hoặc văn bản.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Các phát hiện, theo số; không nêu gì: những phát hiện chưa khép lại."""
    from connector import views_findings
    from connector.bootstrap_findings import FindingApp

    states = state or [] if (state or rule or agency or subject) else ["open", "acknowledged", "waived"]
    found = FindingApp(open_app()).listed(states=states, rule=rule, agency=agency, subject_id=subject)
    if as_json:
        print_json([views_findings.finding_json(one) for one in found])
    else:
        print_lines([views_findings.finding_text(one) for one in found] or ["Không có phát hiện nào như vậy."])


@finding_commands.command()
def show(number: Number, as_json: JsonFlag = False) -> None:
    """Một phát hiện: căn cứ, số liệu, và mọi bước trong đời của nó."""
    from connector import views_findings
    from connector.bootstrap_findings import FindingApp

    opened = open_app()
    found = FindingApp(opened).life(number)
    if as_json:
        print_json(views_findings.life_json(found))
    else:
        print_lines(views_findings.life_text(found, opened.settings.office.zone, opened.policy.rules))


@finding_commands.command()
def ack(
    numbers: Annotated[list[int], typer.Argument(metavar="SỐ")],
    reason: Annotated[str, typer.Option("--reason", help="Ghi chú, ví dụ: đã trao đổi với Sở.")] = "",
    by: Actor = None,
) -> None:
    """Ghi nhận: đã có người xem và đang xử lý. Thư vẫn nêu phát hiện."""
    from connector import views_findings
    from connector.bootstrap_findings import FindingApp

    found = FindingApp(open_app()).acknowledge(numbers, reason=reason, actor=by or account())
    print_lines(views_findings.changed_text("Đã ghi nhận", found))


@finding_commands.command()
def waive(
    number: Number,
    until: Annotated[
        datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Ngày cuối cùng được miễn, ví dụ 2026-12-31.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Lý do miễn xét.")],
    scope: Annotated[
        str,
        typer.Option(
            "--scope",
            help="finding: chỉ phát hiện này; subject: mọi phát hiện của cơ quan về nhiệm vụ, văn bản này; "
            "agency: mọi phát hiện theo quy tắc này của cơ quan.",
        ),
    ] = "finding",
    by: Actor = None,
) -> None:
    """Miễn xét đến hết một ngày; tự hết hạn. Thư không nêu nữa, báo cáo ghi riêng là đã miễn."""
    from connector import views_findings
    from connector.bootstrap_findings import FindingApp
    from connector.domain.finding_words import waiver_text

    waiver, found = FindingApp(open_app()).waive(
        number, scope=scope, until=until.date(), reason=reason, actor=by or account()
    )
    print_lines([waiver_text(waiver), *views_findings.changed_text("Được miễn xét", found)])


@finding_commands.command()
def unwaive(number: Number, by: Actor = None) -> None:
    """Thôi miễn xét trước hạn, mọi quyết định miễn áp dụng cho phát hiện này."""
    from connector import views_findings
    from connector.bootstrap_findings import FindingApp

    print_lines(
        views_findings.changed_text("Xét lại", FindingApp(open_app()).end_waivers(number, actor=by or account()))
    )
