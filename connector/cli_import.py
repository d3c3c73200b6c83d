"""``connector import``: files by hand. No decisions here."""

from __future__ import annotations

import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.domain.file_names import shown_name
from connector.errors import UsageProblem
from connector.terminal import JsonFlag, open_app, print_json, print_lines

if TYPE_CHECKING:
    from connector.bootstrap_import import ImportApp
    from connector.jobs.import_mapping import Proposed


def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="TỆP", help="Các tệp do iOffice xuất ra.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chạy thử: cho biết sẽ ra sao, không ghi gì.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Chỉ khám tệp: ô nào sai, vì sao, sửa thế nào; không nhập.")
    ] = False,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="“Tên cột=trường”: khai nghĩa của cột, nhớ cho mọi tệp cùng mẫu, rồi nhập (lại) tệp này."
        ),
    ] = None,
    direction: Annotated[
        str | None, typer.Option("--direction", help="Khai sổ này là của văn bản đi (di) hay văn bản đến (den).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Nhận cách khai cột mà không hỏi lại.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Nhập cả tệp có nội dung giống hệt một tệp đã nhập.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Nhập nhiệm vụ, văn bản từ tệp (XLSX, XLS, ODS, HTML, CSV, ZIP…)."""
    from connector import views_import
    from connector.bootstrap_import import ImportApp

    said, outgoing = _mapping(mapping), _outgoing(direction)
    _require_files(files)
    settles = bool(said) or outgoing is not None
    if settles and len(files) != 1:
        raise UsageProblem("a mapping needs one file", argument="--map, --direction", expected="đúng một tệp")
    opened = open_app()
    imports, zone = ImportApp(opened), opened.settings.office.zone
    proposed = imports.propose(files[0], said, outgoing=outgoing) if settles else None
    if proposed is not None:
        asks = not (yes or dry_run or explain)
        if asks or not as_json:  # standard output is the results' where they are JSON
            print_lines(views_import.proposed_text(proposed), err=as_json)
        if not dry_run and not explain:
            _accept(imports, proposed, ask=asks, as_json=as_json)
    if explain:
        explained = [imports.explain(one, proposed) for one in files]
        if as_json:
            print_json([views_import.explained_json(one, proposed) for one in explained])
        else:
            print_lines(line for one in explained for line in views_import.explained_text(one))
        return
    again = again or proposed is not None
    results = [imports.import_file(one, dry_run=dry_run, again=again, proposed=proposed) for one in files]
    if as_json:
        print_json([views_import.import_json(one, proposed, dry_run=dry_run) for one in results])
    else:
        print_lines(line for one in results for line in views_import.import_text(one, zone, dry_run=dry_run))
    for one in results:
        if one.error is not None:
            raise one.error


def _accept(imports: ImportApp, proposed: Proposed, *, ask: bool, as_json: bool) -> None:
    """Remember the mapping, after a question if it is asked for; no answer is none."""
    if ask:
        typer.echo("Nhận cách khai này? [y/N]: ", nl=False, err=as_json)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes", "c", "có"):
            typer.echo("Không khai cột; chưa ghi gì.", err=as_json)
            raise typer.Abort
    imports.accept(proposed)


def _require_files(files: Sequence[Path]) -> None:
    """A name that is not there is a slip of the pen: nothing is imported then, not the files beside it either."""
    for one in files:
        name = shown_name(str(one))
        try:
            about = one.lstat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageProblem(
                f"no such file: {name}", argument=f"không có tệp {name}", expected="tên của tệp đang có"
            ) from error
        except OSError:
            continue  # reading it will say what is wrong
        if stat.S_ISDIR(about.st_mode):
            raise UsageProblem(f"a folder: {name}", argument=f"{name} là thư mục", expected="tên của từng tệp")


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
