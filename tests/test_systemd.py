from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from connector import errors
from connector.systemd_notify import notify, watchdog_interval

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture(scope="module")
def unit(root: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in (root / "systemd" / "connector.service").read_text(encoding="utf-8").splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found[key].append(value)
    return found


@pytest.fixture
def runnable(root: Path, tmp_path: Path) -> Path:
    """The unit with a program that exists on this machine."""
    text = (root / "systemd" / "connector.service").read_text(encoding="utf-8")
    path = tmp_path / "connector.service"
    path.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text), encoding="utf-8")
    return path


class TestUnit:
    def test_what_a_restart_cannot_mend_is_not_restarted(self, unit: dict[str, list[str]]) -> None:
        kept_down = {int(code) for code in unit["RestartPreventExitStatus"][0].split()}
        assert unit["Restart"] == ["on-failure"]
        assert kept_down == {errors.SettingsError.exit_code, errors.AuthNeeded.exit_code}

    def test_it_waits_for_readiness_and_longer_than_a_stop_may_take(self, unit: dict[str, list[str]]) -> None:
        assert unit["Type"] == ["notify"]
        assert int(unit["TimeoutStopSec"][0]) > 10

    def test_text_is_utf8_and_no_secret_stands_in_it(self, unit: dict[str, list[str]]) -> None:
        assert "PYTHONUTF8=1" in unit["Environment"][0].split()
        assert not any(re.search("passw|token|secret", value, re.IGNORECASE) for value in unit["Environment"])

    @needs_systemd
    def test_systemd_finds_nothing_to_complain_about(self, runnable: Path) -> None:
        done = subprocess.run(["systemd-analyze", "verify", str(runnable)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    @needs_systemd
    def test_the_sandbox_is_tight(self, runnable: Path) -> None:
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(runnable)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        assert exposure is not None
        assert float(exposure[1]) < 2.5


class TestNotify:
    @pytest.mark.parametrize("abstract", [False, True])
    def test_a_state_reaches_the_socket_systemd_named(self, tmp_path: Path, abstract: bool) -> None:
        address = f"@connector-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
            server.bind("\0" + address[1:] if abstract else address)
            server.settimeout(5)
            assert notify("READY=1\nSTATUS=đang chạy", {"NOTIFY_SOCKET": address})
            assert server.recv(1024).decode() == "READY=1\nSTATUS=đang chạy"

    def test_without_systemd_nothing_is_sent_and_nothing_fails(self, tmp_path: Path) -> None:
        assert not notify("READY=1", {})
        assert not notify("READY=1", {"NOTIFY_SOCKET": "vsock:2:1234"})
        assert not notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})

    def test_the_watchdog_is_fed_twice_as_often_as_it_asks(self) -> None:
        assert watchdog_interval({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}) == 15.0
        assert watchdog_interval({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}) is None
        assert watchdog_interval({}) is None
