"""``python -m tests.sources.files.measure FILE``: reads it, prints JSON about how that went and what it cost.

A process of its own, because the system counts the memory of ended children per parent.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from connector.errors import FileRefused
from connector.sources.files.reader import open_table


@dataclass(frozen=True)
class Cost:
    """``reason`` "" if it was read; memory in MB, of the child and of ourselves."""

    reason: str
    rows: int
    seconds: float
    child: int
    parent: int


def cost(path: Path, root: Path) -> Cost:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sources.files.measure", str(path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return Cost(**json.loads(done.stdout))


def main(path: Path) -> None:
    began, rows, reason = time.monotonic(), 0, ""
    try:
        with open_table(path) as sheets:
            for sheet in sheets:
                rows += sum(1 for _ in sheet.rows)
    except FileRefused as refused:
        reason = refused.reason
    seconds = time.monotonic() - began
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    (own,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    parent = int(own.split()[1]) // 1024  # ru_maxrss of a process begins with that of the one that started it
    json.dump({"reason": reason, "rows": rows, "seconds": seconds, "child": child, "parent": parent}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
