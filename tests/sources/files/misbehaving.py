"""A child process that goes wrong in the way named by MISBEHAVE; stands in for ``connector.sources.files.child``."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path

from connector.sources.files.wire import EXIT_MEMORY, frame


def say(*parts: object) -> None:
    os.write(1, frame(*parts))


def main(how: str) -> None:
    if how == "dies at once":
        sys.exit("ImportError: no module")
    say("ready")
    say("kind", "csv", "utf-8", "")
    match how:
        case "hangs":
            threading.Event().wait()
        case "ends in a frame":
            os.write(1, frame("sheet", "A", "", False)[:-3])
        case "ends without a word":
            pass
        case "runs out of processor time":
            os.kill(os.getpid(), signal.SIGXCPU)
        case "runs out of memory":
            os._exit(EXIT_MEMORY)
        case "fails to allocate":
            os.write(2, b"memory allocation of 123 bytes failed")
            os.abort()
        case "is killed by the system":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crashes":
            ctypes.string_at(0)
        case "tells its surroundings":
            say("refused", "foreign", " ".join(sorted(os.environ)), {"found": "x"})
        case "closes its output":
            os.close(1)
            os.close(2)
            threading.Event().wait()


if __name__ == "__main__":
    main(Path("/dev/stdin").read_text(encoding="utf-8"))
