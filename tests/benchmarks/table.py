"""The result as Markdown, to be pasted into README.md. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from tests.benchmarks.workloads import Series, Verdict


def result(
    verdicts: Sequence[Verdict], series: Sequence[Series], notes: Iterable[str], *, day: date, machine: str
) -> str:
    """The limits first, then every contestant's own figures. ``machine``: what it was measured on."""
    limits = [
        (one.workload, one.ours, one.against, one.found, one.limit, "yes" if one.kept else "**no**") for one in verdicts
    ]
    figures = [
        (
            one.workload,
            one.name,
            str(one.requests),
            f"{one.best.wall:.2f}",
            f"{one.median:.2f}",
            f"{one.best.cpu:.2f}",
            f"{one.requests / one.best.wall:.0f}",
            f"{one.best.peak_mb:.0f}",
        )
        for one in series
    ]
    lines = [
        f"Measured {day.isoformat()}, {machine}.",
        "",
        *_table(("workload", "ours", "against", "found", "limit", "kept"), limits),
        "",
        *_table(
            ("workload", "contestant", "requests", "best s", "median s", "CPU s", "requests/s", "peak MB"), figures
        ),
        "",
        *(f"- {note}" for note in notes),
    ]
    return "\n".join(lines) + "\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
