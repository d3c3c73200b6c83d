"""The stand-in as a process of its own: ``serve`` is what runs there, ``StandInProcess`` is the handle on it.

The demo uses it so that server and connector have a processor each. The child ends when its standard input closes,
so it never outlives its parent.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import connector
from connector.errors import SourceUnavailable, TimelineError
from connector.standin.churn import ListHistory
from connector.standin.ledger import Ledger
from connector.standin.server import StandIn
from connector.standin.timeline import FEBRUARY_2022


def serve(standin: StandIn, announce: Callable[[str], None], until: Callable[[], object] | None = None) -> None:
    """Run the stand-in in the foreground: ``announce(url)`` once it listens, then wait for ``until`` to return
    (without it: for Ctrl+C). Raises OSError if the port is taken."""
    with standin:
        try:
            announce(standin.url)
            (until or threading.Event().wait)()
        except KeyboardInterrupt:
            return


class StandInProcess:
    """A stand-in in a child process. ``folder`` holds ``timeline.jsonl`` and ``setup.json``; ``now`` None follows the
    system clock; ``knobs`` as the JSON of ``Knobs.change``; ``profile`` and ``ledger`` are files, as those of
    ``connector simulate``. Raises SourceUnavailable if it does not come up."""

    def __init__(
        self,
        *,
        now: datetime | None,
        folder: Path = FEBRUARY_2022,
        knobs: dict[str, Any] | None = None,
        profile: Path | None = None,
        ledger: Path | None = None,
        port: int = 0,
    ) -> None:
        self._command = [sys.executable, "-m", "connector.standin", "--folder", str(folder), "--port", str(port)]
        self._command += ["--until-stdin-closes"]
        self._command += ["--now", now.isoformat()] if now is not None else []
        self._command += ["--knobs", json.dumps(knobs)] if knobs else []
        self._command += ["--profile", str(profile)] if profile else []
        self._command += ["--ledger", str(ledger)] if ledger else []
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        root = str(Path(connector.__file__).parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode().strip()  # the child prints its address or ends
        if not line:
            self.stop()
            raise SourceUnavailable("the stand-in process ended before it listened")
        self.url = line

    def stop(self) -> None:
        """End the child; never raises."""
        process = self._process
        if process is None:
            return
        self._process = None
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> StandInProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def move_to(self, moment: datetime) -> None:
        """Show the state at ``moment`` (aware) from the next request on."""
        self._control("POST", "clock", {"now": moment.isoformat()})

    def change_knobs(self, **values: Any) -> None:
        """Set knobs; ``faults`` as dictionaries with the fields of ``Fault``. Raises TimelineError if unknown."""
        self._control("POST", "knobs", values)

    def expire_sessions(self) -> None:
        self._control("POST", "expire", {})

    @property
    def ledger(self) -> Ledger:
        """A copy of the ledger as it is now."""
        return Ledger.from_json(self._control("GET", "ledger", None))

    def lists(self) -> list[ListHistory]:
        """What truly happened to each churning list that was asked for."""
        return [ListHistory.from_json(row) for row in self._control("GET", "lists", None)]

    def _control(self, method: str, what: str, body: Any) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, f"/_standin/{what}", None if body is None else json.dumps(body))
            answer = connection.getresponse()
            data = json.loads(answer.read())
        except OSError as error:
            raise SourceUnavailable(f"the stand-in process does not answer: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise TimelineError(data["error"])
        return data
