"""``python at_moment.py 2022-02-15T23:30:00+07:00 sync …``: the command as a process that lives at that moment."""

from __future__ import annotations

import sys
from datetime import datetime

import time_machine

if __name__ == "__main__":
    with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True):
        from connector.cli import main

        sys.exit(main(sys.argv[2:]))
