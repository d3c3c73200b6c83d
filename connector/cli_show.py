"""``connector show``: one record with the origin of each value. No decisions here."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.terminal import JsonFlag, open_app, print_json, print_lines


def show_command(
    record_id: Annotated[str, typer.Argument(metavar="MÃ", help="Mã nhiệm vụ hoặc văn bản.")],
    content: Annotated[
        bool, typer.Option("--content", help="Hiện cả tên, nội dung, trích yếu (có thể là nội dung mật).")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Một nhiệm vụ hoặc văn bản: từng giá trị, lấy từ đâu, tính đến lúc nào; các lần thay đổi."""
    from connector import views_record
    from connector.bootstrap_import import ImportApp

    opened = open_app()
    found = ImportApp(opened).record(record_id)
    if as_json:
        print_json(views_record.record_json(found, content=content))
    else:
        print_lines(views_record.record_text(found, opened.settings.office.zone, content=content))
