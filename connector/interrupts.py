"""A signal ends a command between its transactions, never in the middle of one.

Python raises KeyboardInterrupt between any two of its instructions. Inside a library that is just talking to the
database that can leave a transaction open which nobody closes, so that even the word that the run was interrupted
cannot be written any more. Transactions are short; the signal waits for their end.
"""

from __future__ import annotations

import threading


class _State(threading.local):
    """Signals come to the main thread only; in the others nothing is ever pending."""

    depth = 0
    pending = False


_state = _State()


def interrupt() -> None:
    """End what this thread is at: now, or as soon as it may be. Raises KeyboardInterrupt."""
    if _state.depth:
        _state.pending = True
        return
    raise KeyboardInterrupt


def hold_off() -> None:
    """From now on an interruption waits until ``let_through`` has been called as often."""
    _state.depth += 1


def let_through() -> None:
    """Raises KeyboardInterrupt if one has come meanwhile."""
    _state.depth -= 1
    if _state.pending and not _state.depth:
        _state.pending = False
        raise KeyboardInterrupt
