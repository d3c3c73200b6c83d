"""Compare a whole text with a reviewed file; ``UPDATE_SNAPSHOTS=1`` rewrites it, and a person reads the diff."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def check_snapshot(name: str, text: str) -> None:
    """``name``: path below tests/snapshots, e.g. "notify/digest.txt"."""
    path = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return
    assert path.exists(), f"no snapshot {name}: run with UPDATE_SNAPSHOTS=1 and review the new file"
    assert text == path.read_bytes().decode("utf-8"), f"{name} differs: UPDATE_SNAPSHOTS=1 rewrites it"
