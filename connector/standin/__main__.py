"""``python -m connector.standin``: the stand-in on its own; prints its address, then serves. See ``--help``."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from connector.errors import ConnectorError
from connector.standin.process import serve
from connector.standin.profile import Profile, read_profile
from connector.standin.server import StandIn
from connector.standin.timeline import FEBRUARY_2022, packaged


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when stopped, 65 for a timeline that cannot be read, 69 if the port is taken."""
    parser = argparse.ArgumentParser(prog="connector.standin", description="Máy chủ VNPT-iOffice giả lập.")
    parser.add_argument("--folder", type=Path, default=FEBRUARY_2022, help="thư mục có timeline.jsonl và setup.json")
    parser.add_argument("--now", type=datetime.fromisoformat, help="thời điểm ảo, có múi giờ; bỏ trống: giờ hệ thống")
    parser.add_argument("--port", type=int, default=0, help="cổng trên 127.0.0.1; 0: cổng trống bất kỳ")
    parser.add_argument("--knobs", type=json.loads, default={}, help="các núm chỉnh, dạng JSON")
    parser.add_argument("--profile", type=Path, help="hồ sơ (JSON), xem profile.example.json")
    parser.add_argument("--ledger", type=Path, help="tệp ghi lại từng yêu cầu (JSON, mỗi dòng một yêu cầu)")
    parser.add_argument("--until-stdin-closes", action="store_true", help="dừng khi đầu vào chuẩn đóng")
    given = parser.parse_args(arguments)
    try:
        timeline, setup = packaged(given.folder)
        profile = read_profile(given.profile, setup) if given.profile else Profile()
        profile.change(given.knobs)
        standin = StandIn(
            timeline, setup, now=given.now or profile.now, knobs=profile, schedule=profile.schedule,
            ledger_file=given.ledger, port=given.port,
        )  # fmt: skip
        serve(standin, _announce, sys.stdin.buffer.read if given.until_stdin_closes else None)
    except ConnectorError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 69
    return 0


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
