"""``connector rules …``: what is looked for, and what other rules would find. No decisions here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.errors import CheckFailed
from connector.terminal import JsonFlag, open_app, print_json, print_lines

rules_commands = typer.Typer(help="Quy định: xem, kiểm tra, so sánh, chạy thử.", no_args_is_help=True)
RuleId = Annotated[str, typer.Argument(metavar="MÃ", help="Mã quy định, ví dụ PV01.")]
RulesFile = Annotated[str, typer.Argument(help="Tệp quy định; “-”: bộ kèm theo chương trình.")]


@rules_commands.command("list")
def list_rules(as_json: JsonFlag = False) -> None:
    """Mọi quy định đang áp dụng, không dùng hoặc thiếu dữ liệu."""
    from connector import views_rules
    from connector.bootstrap_rules import RulesApp

    loaded = RulesApp(open_app()).loaded
    if as_json:
        print_json([views_rules.rule_json(rule, loaded.changed) for rule in loaded.book])
    else:
        print_lines(views_rules.rule_line(rule, loaded.changed) for rule in loaded.book)


@rules_commands.command()
def show(rule: RuleId, as_json: JsonFlag = False) -> None:
    """Một quy định: nội dung, căn cứ, ngưỡng, dữ liệu cần, phiên bản, ví dụ."""
    from connector import views_rules
    from connector.bootstrap_rules import RulesApp

    rules = RulesApp(open_app())
    shown, examples = rules.find(rule)
    if as_json:
        print_json(views_rules.shown_json(shown, rules.loaded.changed, examples))
    else:
        print_lines(views_rules.shown_text(shown, rules.loaded.changed, examples))


@rules_commands.command("test")
def run_examples(
    file: Annotated[Path | None, typer.Argument(help="Tệp quy định; mặc định tệp đang khai ở rules.file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Chạy các ví dụ kèm theo và của tệp: trường hợp nào phải kết luận gì."""
    from connector import views_rules
    from connector.bootstrap_rules import RulesApp

    tested = RulesApp(open_app()).test(file)
    print_json(views_rules.tested_json(tested)) if as_json else print_lines(views_rules.tested_text(tested))
    if tested.failed:
        raise typer.Exit(CheckFailed.exit_code)


@rules_commands.command()
def diff(old: RulesFile, new: RulesFile, as_json: JsonFlag = False) -> None:
    """Hai bộ quy định khác nhau ở đâu, phát hiện nào sẽ có thêm hoặc không còn; không ghi gì."""
    from connector import views_rules
    from connector.bootstrap_rules import RulesApp

    opened = open_app()
    found = RulesApp(opened).diff(old, new)
    if as_json:
        print_json(views_rules.diff_json(found))
    else:
        print_lines(views_rules.diff_text(found, opened.settings.office.zone))


@rules_commands.command()
def backtest(
    rule: RuleId,
    days: Annotated[int, typer.Option(min=1, max=400, help="Số ngày gần nhất.")] = 90,
    as_json: JsonFlag = False,
) -> None:
    """Một quy định lẽ ra đã tìm thấy gì, gửi thư cho ai trong những ngày qua; không ghi gì."""
    from connector import views_rules
    from connector.bootstrap_rules import RulesApp

    rules = RulesApp(open_app())
    found = rules.backtest(rules.find(rule)[0].id, days)
    print_json(views_rules.backtest_json(found)) if as_json else print_lines(views_rules.backtest_text(found))
