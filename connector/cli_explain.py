"""``connector explain``: the dossier of one finding, to be defended in a meeting. No decisions here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.terminal import JsonFlag, open_app, print_json, print_lines


def explain_command(
    number: Annotated[int, typer.Argument(metavar="SỐ", help="Số của phát hiện, xem: connector findings list.")],
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Ghi thêm thành một trang PDF vào tệp này.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Hồ sơ của một phát hiện: quy định, từng ngày được đếm, căn cứ, diễn biến, thư đã gửi."""
    from connector import views_dossier
    from connector.bootstrap_findings import FindingApp

    opened = open_app()
    findings = FindingApp(opened)
    found = findings.dossier(number)
    if pdf is not None:
        findings.write_pdf(found, pdf)
    if as_json:
        print_json(views_dossier.dossier_json(found))
    else:
        print_lines(views_dossier.dossier_lines(found, opened.settings.office.zone))
