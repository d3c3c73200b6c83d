"""``connector import``: files by hand. No decisions here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.errors import UsageProblem
from connector.terminal import JsonFlag, open_app, print_json, print_lines


def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="TỆP", help="Các tệp do iOffice xuất ra.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chạy thử: cho biết sẽ ra sao, không ghi gì.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Chỉ khám tệp: ô nào sai, vì sao, sửa thế nào; không nhập.")
    ] = False,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="“Tên cột=trường”: khai nghĩa của cột, nhớ cho mọi tệp cùng mẫu.")
    ] = None,
    direction: Annotated[
        str | None, typer.Option("--direction", help="Khi khai cột của sổ văn bản: di (văn bản đi) hoặc den.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Nhận cách khai cột mà không hỏi lại.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Nhập nhiệm vụ, văn bản từ tệp (XLSX, XLS, ODS, HTML, CSV, ZIP…)."""
    from connector import views_import
    from connector.bootstrap_import import ImportApp

    said, outgoing = _mapping(mapping), _outgoing(direction)
    opened = open_app()
    imports, zone = ImportApp(opened), opened.settings.office.zone
    if said:
        if len(files) != 1:
            raise UsageProblem("--map needs one file", argument="--map", expected="đúng một tệp")
        proposed = imports.propose(files[0], said, outgoing=outgoing)
        print_lines(views_import.proposed_text(proposed))
        if not yes and not typer.confirm("Nhận cách khai này?"):
            raise typer.Abort
        imports.accept(proposed)
    if explain:
        explained = [imports.explain(one) for one in files]
        if as_json:
            print_json([views_import.explained_json(one) for one in explained])
        else:
            print_lines(line for one in explained for line in views_import.explained_text(one))
        return
    results = [imports.import_file(one, dry_run=dry_run) for one in files]
    if as_json:
        print_json([views_import.import_json(one) for one in results])
    else:
        print_lines(line for one in results for line in views_import.import_text(one, zone, dry_run=dry_run))
    for one in results:
        if one.error is not None:
            raise one.error


def _mapping(told: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in told or ():
        column, sign, name = one.rpartition("=")
        if not sign or not column.strip() or not name.strip():
            raise UsageProblem(f"not a mapping: {one}", argument=one, expected="“Tên cột=trường”, ví dụ “Hạn=due_on”")
        found[column.strip()] = name.strip()
    return found


def _outgoing(direction: str | None) -> bool | None:
    if direction not in (None, "di", "den"):
        raise UsageProblem(f"not a direction: {direction}", argument=f"--direction {direction}", expected="di hoặc den")
    return None if direction is None else direction == "di"
