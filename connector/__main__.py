"""``python -m connector`` and the ``connector`` command."""

from __future__ import annotations

import sys


def main() -> None:
    from connector.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
