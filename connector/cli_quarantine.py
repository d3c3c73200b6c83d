"""``connector quarantine …``: rows of files that were not loaded. No decisions here."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.terminal import JsonFlag, open_app, print_json, print_lines

quarantine_commands = typer.Typer(help="Dòng của tệp chưa được nhập: xem, nhập lại, bỏ.", no_args_is_help=True)
Numbers = Annotated[list[int], typer.Argument(metavar="SỐ", help="Số của dòng, xem: connector quarantine list.")]


@quarantine_commands.command("list")
def list_waiting(as_json: JsonFlag = False) -> None:
    """Các dòng đang chờ, cũ nhất trước."""
    from connector import views_import
    from connector.bootstrap_import import ImportApp

    found = ImportApp(open_app()).waiting()
    if as_json:
        print_json([views_import.entry_json(one) for one in found])
    else:
        print_lines([views_import.entry_text(one) for one in found] or ["Không có dòng nào đang chờ."])


@quarantine_commands.command()
def show(number: Annotated[int, typer.Argument(metavar="SỐ")], as_json: JsonFlag = False) -> None:
    """Một dòng: ở tệp nào, ô nào sai, vì sao, có thể là bản ghi nào."""
    from connector import views_import
    from connector.bootstrap_import import ImportApp

    opened = open_app()
    found = ImportApp(opened).entry(number)
    if as_json:
        print_json(views_import.entry_json(found))
    else:
        print_lines(views_import.entry_lines(found, opened.settings.office.zone))


@quarantine_commands.command()
def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="SỐ", help="Để trống: mọi dòng không đọc được.")
    ] = None,
    as_: Annotated[str | None, typer.Option("--as", help="Dòng này là bản ghi có mã này; new: là bản ghi mới.")] = None,
) -> None:
    """Đọc lại theo cách khai hiện nay và nhập, với thời điểm số liệu của tệp gốc."""
    from connector import views_import
    from connector.bootstrap_import import ImportApp
    from connector.errors import UsageProblem

    wanted = list(dict.fromkeys(numbers or ()))
    if as_ is not None and len(wanted) != 1:
        raise UsageProblem("--as needs one row", argument="--as", expected="đúng một số")
    imports = ImportApp(open_app())
    print_lines(views_import.retried_text(imports.retry(wanted, as_), imports.waiting()))


@quarantine_commands.command()
def drop(numbers: Numbers) -> None:
    """Bỏ các dòng này: không nhập, nhưng vẫn giữ lại để tra cứu."""
    from connector.bootstrap_import import ImportApp

    found = ImportApp(open_app()).drop(list(dict.fromkeys(numbers)))
    print_lines([f"Đã bỏ {len(found)} dòng."])


@quarantine_commands.command()
def join(
    told: Annotated[str, typer.Argument(metavar="MÃ-TỆP", help="Mã của bản ghi chỉ có trong tệp (x-…).")],
    record: Annotated[str, typer.Argument(metavar="MÃ", help="Mã của bản ghi đọc từ iOffice.")],
) -> None:
    """Hai bản ghi này là một: nhập lịch sử của bản ghi từ tệp vào trước bản ghi của iOffice."""
    from connector.bootstrap_import import ImportApp

    ImportApp(open_app()).join(told, record)
    print_lines([f"Đã nhập {told} vào {record}."])
