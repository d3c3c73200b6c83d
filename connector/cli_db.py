"""``connector db …``: the database as a whole. No decisions here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.errors import CheckFailed
from connector.terminal import JsonFlag, open_app, print_json, print_lines

if TYPE_CHECKING:
    from connector.bootstrap_db import Database
    from connector.store.backup import Copied

db_commands = typer.Typer(help="Cơ sở dữ liệu.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="TỆP", help="Tệp sao lưu; tệp .sha256 phải ở bên cạnh.")]


def _database() -> Database:
    from connector.bootstrap_db import Database

    return Database(open_app())


@db_commands.command()
def upgrade() -> None:
    """Nâng cấu trúc cơ sở dữ liệu lên phiên bản của chương trình; giữ nguyên dữ liệu."""
    before, after = _database().upgrade()
    typer.echo(f"Cơ sở dữ liệu: {before or 'trống'} → {after}")


@db_commands.command()
def check(as_json: JsonFlag = False) -> None:
    """Kiểm tra tệp, cấu trúc, lịch sử và các câu trả lời đã lưu; chỉ đọc."""
    _judge(_database().check(), {}, as_json)


@db_commands.command()
def backup(
    place: Annotated[Path, typer.Argument(metavar="TỆP|THƯ_MỤC", help="Tệp mới, hoặc thư mục để tự đặt tên.")],
    as_json: JsonFlag = False,
) -> None:
    """Sao lưu ra một tệp SQLite, kể cả khi dịch vụ đang chạy; đọc lại và đối chiếu trước khi báo xong."""
    file, copied = _database().backup(place)
    if as_json:
        print_json({"file": str(file), "tables": _tables(copied)})
    else:
        print_lines([f"Đã sao lưu ra {file}.", *_counts(copied)])


@db_commands.command()
def restore(file: File, as_json: JsonFlag = False) -> None:
    """Khôi phục một bản sao lưu vào cơ sở dữ liệu còn trống; tệp hỏng bị từ chối."""
    _told(_database().restore(file), f"Đã khôi phục từ {file}.", as_json)


@db_commands.command()
def drill(
    file: Annotated[Path | None, typer.Argument(metavar="TỆP", help="Bỏ trống: sao lưu ngay rồi thử.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Thử khôi phục vào một cơ sở dữ liệu tạm rồi xóa đi: chứng minh bản sao lưu dùng được."""
    copied, problems = _database().drill(file)
    _judge(problems, copied, as_json)


@db_commands.command()
def copy(
    address: Annotated[
        str, typer.Argument(metavar="ĐỊA_CHỈ", help="postgresql://tên@máy_chủ/cơ_sở_dữ_liệu, còn trống.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Chép toàn bộ sang cơ sở dữ liệu khác, đối chiếu số dòng và mã băm. Dừng dịch vụ trước khi chép."""
    copied = _database().copy(address)
    _told(copied, "Đã chép. Sửa khóa storage.database trong tệp cấu hình rồi mới chạy lại dịch vụ.", as_json)


def _tables(copied: Copied) -> dict[str, dict[str, int | str]]:
    return {name: {"rows": one.rows, "digest": one.digest} for name, one in copied.items()}


def _counts(copied: Copied) -> list[str]:
    shown = [f"  {name}: {one.rows}" for name, one in copied.items() if one.rows]
    return [f"Số dòng và mã băm của {len(copied)} bảng đều khớp; số dòng:", *shown] if copied else []


def _told(copied: Copied, sentence: str, as_json: bool) -> None:
    print_json({"tables": _tables(copied)}) if as_json else print_lines([sentence, *_counts(copied)])


def _judge(problems: list[str], copied: Copied, as_json: bool) -> None:
    """Exit code 0 only if nothing is wrong."""
    if as_json:
        print_json({"problems": problems, "tables": _tables(copied)})
    else:
        print_lines([*_counts(copied), *(f"  - {one}" for one in problems)])
        typer.echo(f"Có {len(problems)} vấn đề." if problems else "Cơ sở dữ liệu nguyên vẹn.")
    if problems:
        raise typer.Exit(CheckFailed.exit_code)
