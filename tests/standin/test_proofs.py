from __future__ import annotations

import importlib
from dataclasses import fields
from pathlib import Path

from connector.standin.faults import EFFECTS, Knobs
from tests.standin.proofs import PROVEN


def test_every_effect_and_every_knob_has_a_test() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        importlib.import_module(f"tests.standin.{path.stem}")
    assert EFFECTS.keys() | {knob.name for knob in fields(Knobs)} == PROVEN
