"""``connector source …``: what a source calls things, and which document each task rests on. No decisions here."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.terminal import JsonFlag, named_sources, open_app, print_json, print_lines

source_commands = typer.Typer(help="Nguồn dữ liệu: danh mục, nhãn, liên kết.", no_args_is_help=True)


@source_commands.command()
def learn(source: Annotated[str | None, typer.Option(help="Chỉ nguồn này.")] = None, as_json: JsonFlag = False) -> None:
    """Đọc danh mục của hệ thống nguồn và đề xuất cách khai nhãn; không tự áp dụng đề xuất nào."""
    from connector import views_source

    opened = open_app()
    found = [opened.learn(name) for name in named_sources(opened, source)]
    if as_json:
        print_json([views_source.learnt_json(one) for one in found])
    else:
        print_lines(line for one in found for line in views_source.learnt_text(one))


@source_commands.command()
def links(
    task: Annotated[str | None, typer.Option(help="Chỉ nhiệm vụ có mã này.")] = None, as_json: JsonFlag = False
) -> None:
    """Mỗi nhiệm vụ dựa trên văn bản nào, chắc chắn đến đâu, theo căn cứ nào."""
    from connector import views_source

    found = open_app().links(task)
    print_json(views_source.links_json(found)) if as_json else print_lines(views_source.links_text(found))
