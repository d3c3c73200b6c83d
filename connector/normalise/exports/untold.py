"""What a file holds and the import makes no use of: unread columns, hidden sheets, leads nobody knows. Pure.

A file that is in looks as if all of it were; so what is not is said (F106), in the report and by ``import --explain``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.status import Role
from connector.normalise.exports.headers import HeaderProblem, Layout
from connector.normalise.exports.problems import Remark, ranges
from connector.normalise.exports.records import ExportTask, Rules

_MOST = 20


def untold(layout: Layout | HeaderProblem, tasks: Sequence[ExportTask], rules: Rules) -> Iterator[Remark]:
    """Of a sheet whose records have been read; of one that was not understood there is nothing to add."""
    if isinstance(layout, Layout):
        yield from _unused_columns(layout, rules)
        yield from _unknown_leads(tasks, rules)
        missing = [one.row for one in tasks if not one.state.lead and one.role is Role.LEAD]
        if missing:
            yield Remark("leads_missing", values={"count": str(len(missing)), "rows": ranges(missing)})


def hidden_sheets(names: Sequence[str]) -> Remark:
    return Remark("sheets_hidden", values={"names": _listed([f"“{name}”" for name in names])})


def _unused_columns(layout: Layout, rules: Rules) -> Iterator[Remark]:
    """Not those that are known to hold nothing we keep."""
    header = layout.header
    unused = [
        index
        for index in layout.unknown
        if rules.synonyms.field_of(layout.table, header.pairs[index][1], header.pairs[index][0]) != "other"
    ]
    if unused:
        columns = _listed([f"{header.cell(index)} “{header.texts[index]}”" for index in unused])
        yield Remark("columns_unused", values={"columns": columns, "example": header.texts[unused[0]]})


def _unknown_leads(tasks: Sequence[ExportTask], rules: Rules) -> Iterator[Remark]:
    rows: dict[str, list[int]] = {}
    for one in tasks:
        if one.role is Role.LEAD and one.state.lead:
            rows.setdefault(one.state.lead, []).append(one.row)
    unknown = [f"“{name}” (dòng {ranges(found)})" for name, found in rows.items() if not rules.is_agency(name)]
    if unknown:
        yield Remark("leads_unknown", values={"names": _listed(unknown)})


def _listed(names: Sequence[str]) -> str:
    more = f"; … và {len(names) - _MOST} tên nữa" if len(names) > _MOST else ""
    return "; ".join(names[:_MOST]) + more
