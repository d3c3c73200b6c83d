"""Which effects and knobs have a test: tests say so with ``proves``, ``test_proofs`` looks for the ones left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from connector.standin.faults import EFFECTS
from connector.standin.server import StandIn

T = TypeVar("T", bound=Callable[..., None])
PROVEN: set[str] = set()


def proves(*names: str) -> Callable[[T], T]:
    """Of a test with a parameter ``effect``: each run proves that one."""

    def mark(test: T) -> T:
        PROVEN.update(names)
        vars(test)["proves"] = names
        return test

    return mark


def check_claims(request: pytest.FixtureRequest, standin: StandIn) -> None:
    """The effects a test claims to prove have hit a request of its stand-in."""
    claimed: set[str] = set(getattr(request.function, "proves", ())) & EFFECTS.keys()
    spec: Any = getattr(request.node, "callspec", None)
    if spec is not None and "effect" in spec.params:
        claimed &= {spec.params["effect"]}
    hit = {effect for entry in standin.ledger.entries for effect in entry.effects}
    assert claimed <= hit, f"claimed to prove {sorted(claimed - hit)}, which hit nothing"
