"""``connector agencies …``: the table of agencies, and the names it does not have. No decisions here."""

from __future__ import annotations

import typer

from connector.terminal import JsonFlag, open_app, print_json, print_lines

agency_commands = typer.Typer(help="Cơ quan: bảng đang dùng, tên chưa xác định được.", no_args_is_help=True)


@agency_commands.command("list")
def list_agencies(as_json: JsonFlag = False) -> None:
    """Bảng cơ quan đang dùng: mã, tên, thời gian tồn tại, đơn vị kế thừa."""
    from connector import views_agencies

    found = open_app().policy.directory.agencies
    if as_json:
        print_json([views_agencies.agency_json(one) for one in found])
    else:
        print_lines(views_agencies.agency_text(one) for one in found)


@agency_commands.command()
def unmatched(as_json: JsonFlag = False) -> None:
    """Tên cơ quan trong nhiệm vụ, văn bản mà bảng không có vào ngày đó, hoặc cần chọn đơn vị kế thừa."""
    from connector import views_agencies

    found = open_app().unmatched_names()
    if as_json:
        print_json([views_agencies.unmatched_json(one) for one in found])
    else:
        print_lines(views_agencies.unmatched_text(found))
