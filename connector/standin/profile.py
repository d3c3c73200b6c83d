"""Profiles for ``connector simulate``: knobs, knobs that change after some requests, and the instant to show, as JSON.

Keys that begin with ``_`` are remarks. ``profile.example.json`` has every key with its meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, WrapValidator

from connector.clock import OFFICE_ZONE
from connector.errors import TimelineError
from connector.standin.checking import Json, Located, Whole, hint, read
from connector.standin.churn import Churn
from connector.standin.endpoints_documents import ROUTES, counter_names
from connector.standin.faults import OWNERS, Fault, Knobs, read_knobs
from connector.standin.notices import TITLES
from connector.standin.timeline import Setup
from connector.standin.welcome import LOGINS
from connector.standin.wire import JOB_REPORT

EXAMPLE = Path(__file__).parent / "profile.example.json"
_PATHS = [route.partition(" ")[2] for route in ROUTES] + [*LOGINS, "api/logout/", "api/switch/"]


def _checked(value: Any, build: Callable[[Any], Any]) -> Any:
    """As given: which knobs are not mentioned matters."""
    build(value)
    return value


def _moment(value: object) -> object:
    """Without a zone it is local time."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("phải là thời điểm, ví dụ 2022-02-28T23:30") from error
    if not isinstance(moment, datetime | None):
        raise ValueError("phải là thời điểm trong dấu nháy kép, ví dụ 2022-02-28T23:30")
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)


if TYPE_CHECKING:
    KnobValues = Json
else:
    KnobValues = Annotated[Knobs, WrapValidator(_checked)]


@dataclass(frozen=True)
class Change:
    """``knobs`` as ``Knobs.change`` takes them, from the request after the first ``after_requests`` on."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    after_requests: Whole
    knobs: KnobValues

    def __post_init__(self) -> None:
        if self.after_requests < 0:
            raise TimelineError("after_requests — phải từ 0")


@dataclass
class Profile(Knobs):
    """``now``: the instant to show, aware; None follows the system clock."""

    schedule: list[Annotated[Change, Located]] = field(default_factory=list)
    now: Annotated[datetime | None, BeforeValidator(_moment)] = None


_PROFILE: TypeAdapter[Profile] = TypeAdapter(Profile)
_OWNERS = {**OWNERS, "": Profile, "schedule": Change, "knobs": Knobs}


def read_profile(path: Path, setup: Setup) -> Profile:
    """Raises TimelineError with the file and every mistake in it, in Vietnamese: not JSON, unknown or repeated keys,
    wrong values, names that mean nothing on a server with this ``setup``."""
    repeated: list[str] = []

    def tidy(pairs: list[tuple[str, Any]]) -> Json:
        names = [name for name, _ in pairs if not name.startswith("_")]
        repeated.extend(f"{name} — khóa này có hai lần" for name in sorted(set(names)) if names.count(name) > 1)
        return {name: value for name, value in pairs if not name.startswith("_")}

    try:
        values = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=tidy)
    except json.JSONDecodeError as error:
        problem = f"dòng {error.lineno}, cột {error.colno} — không phải JSON ({error.msg})"
        raise TimelineError(problem, file=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TimelineError(str(error), file=str(path)) from error
    profile, problems = read(_PROFILE, values, _OWNERS)
    if profile is not None:
        problems += _meaningless(profile, setup)
        for number, change in enumerate(profile.schedule, 1):
            knobs, _ = read_knobs(change.knobs)
            problems += [f"schedule → mục {number} → knobs → {one}" for one in _meaningless(knobs, setup)]
    if profile is None or problems or repeated:
        raise TimelineError("; ".join(repeated + problems), file=str(path))
    return profile


def _meaningless(knobs: Knobs | None, setup: Setup) -> Iterator[str]:
    """Names of the right form that nothing here has."""
    if knobs is None:
        return
    hitting: list[tuple[str, Fault | Churn]] = [(f"faults → mục {n}", one) for n, one in enumerate(knobs.faults, 1)]
    hitting += [(f"churn → mục {n}", one) for n, one in enumerate(knobs.churn, 1)]
    for place, one in hitting:
        if not any(re.sub(r"\d[\d/]*$", "", one.path) in path for path in _PATHS):
            last = [path.strip("/").rpartition("/")[2] for path in _PATHS]
            yield f"{place} → path — không có đường dẫn {one.path!r}{hint(one.path, last)}"
        if one.identity and one.identity not in setup.identities:
            yield f"{place} → identity — không có {one.identity!r}{hint(one.identity, setup.identities)}"
    for key, given, valid in (
        ("locked", knobs.locked, [account.username for account in setup.accounts]),
        ("counters", knobs.counters, counter_names(setup)),
        ("jobreport", knobs.jobreport, JOB_REPORT),
        ("silent_events", knobs.silent_events, TITLES),
    ):
        for name in given:
            if name not in valid:
                yield f"{key} — không có {name!r}{hint(name, valid)}"
