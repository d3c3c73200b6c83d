"""Batches for a transaction: large enough that commits cost little, small and young enough that a kill does too."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
MOST = 200
SECONDS = 2.0
"""A batch is given away when so much time has passed since the one before, however small it is."""


def in_batches(items: Iterable[T], most: int = MOST, seconds: float = SECONDS) -> Iterator[list[T]]:
    """Non-empty lists of the items, in their order. What had come before ``items`` raised is given away first: it need
    not be asked for again."""
    batch: list[T] = []
    since = time.monotonic()
    try:
        for item in items:
            batch.append(item)
            if len(batch) >= most or time.monotonic() - since > seconds:
                yield batch
                batch, since = [], time.monotonic()
    except Exception:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
