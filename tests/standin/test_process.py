from __future__ import annotations

import http.client
import json
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connector.errors import SourceUnavailable, TimelineError
from connector.standin.process import StandInProcess, serve
from connector.standin.server import StandIn
from tests.standin.client import Client, local


def control(standin: StandIn, method: str, what: str, body: object = None) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(urlsplit(standin.url).netloc, timeout=10)
    connection.request(method, f"/_standin/{what}", json.dumps(body))
    answer = connection.getresponse()
    data = json.loads(answer.read())
    connection.close()
    return answer.status, data


def test_the_control_surface_moves_time_sets_knobs_and_shows_the_ledger(client: Client, standin: StandIn) -> None:
    assert control(standin, "POST", "clock", {"now": "2022-02-14T12:00:00+07:00"})[0] == 200
    assert standin.now == local("2022-02-14 12:00")
    status, knobs = control(standin, "POST", "knobs", {"faults": [{"effect": "busy", "times": 1}]})
    assert (status, knobs["faults"][0]["effect"], knobs["churn"]) == (200, "busy", [])  # type: ignore[index]
    assert [client.get("api/document/countmenu/").status for _ in range(2)] == [400, 200]
    client.get("api/getcontacts/")
    status, ledger = control(standin, "GET", "ledger")
    assert status == 200
    assert len(ledger["entries"]) == 4  # type: ignore[arg-type]
    assert ledger["violations"] == ["GET api/getcontacts/: not on the allow-list"]
    assert control(standin, "POST", "expire")[0] == 200
    assert client.get("api/document/countmenu/").status == 401


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("clock", {}),
        ("clock", {"now": "gestern"}),
        ("clock", {"now": "2022-02-14T12:00:00"}),
        ("knobs", {"unknown": 1}),
        ("nothing", {}),
    ],
)
def test_a_wrong_control_request_is_refused_and_changes_nothing(standin: StandIn, what: str, body: object) -> None:
    before = standin.now
    status, data = control(standin, "POST", what, body)
    assert status in (400, 404)
    assert data["error"]
    assert standin.now == before


def test_the_stand_in_runs_as_its_own_process_and_ends_with_its_handle() -> None:
    with StandInProcess(now=local("2022-02-14 11:59"), knobs={"token_calls": 100}) as process:
        with Client(process.url) as client:
            client.login()
            client.switch("5501")
            client.switch("1001")
            before = len(client.tasks())
            process.move_to(local("2022-02-28 23:59"))
            assert len(client.tasks()) > before
            process.change_knobs(faults=[{"effect": "busy", "path": "countmenu", "times": 1}])
            assert client.get("api/document/countmenu/").status == 400
            with pytest.raises(TimelineError, match="speed — không có khóa này"):
                process.change_knobs(speed=1)
            process.expire_sessions()
            assert client.get("api/document/countmenu/").status == 401
        ledger = process.ledger
        assert [entry.status for entry in ledger.entries] == [200, 200, 200, 200, 200, 400, 401]
        assert ledger.entries[4].at == local("2022-02-28 23:59")
        assert ledger.violations == []
        address = urlsplit(process.url)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=2)


def test_a_process_that_cannot_read_its_timeline_is_a_named_error(tmp_path: Path) -> None:
    process = StandInProcess(now=None, folder=tmp_path)
    with pytest.raises(SourceUnavailable):
        process.start()


def test_serving_in_the_foreground_tells_its_address_and_ends_when_told() -> None:
    announced: list[str] = []
    seen: list[int] = []

    def until() -> None:
        with Client(announced[0]) as client:
            seen.append(client.login().status)

    serve(StandIn.packaged(local("2022-02-14 12:00")), announced.append, until)
    assert seen == [200]
    address = urlsplit(announced[0])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=2)


def test_ctrl_c_ends_it_quietly_even_while_it_tells_its_address() -> None:
    def interrupted(_url: str) -> None:
        raise KeyboardInterrupt

    serve(StandIn.packaged(local("2022-02-14 12:00")), interrupted)


def test_a_taken_port_is_an_error_and_a_free_one_can_be_chosen(standin: StandIn) -> None:
    with pytest.raises(OSError, match="in use"):
        StandIn.packaged(local("2022-02-14 12:00"), port=standin.port).start()


def test_many_connections_are_served_side_by_side(standin: StandIn) -> None:
    bodies: list[bytes] = []

    def work() -> None:
        with Client(standin.url) as client:
            client.login()
            for _ in range(50):
                bodies.append(client.get("api/job/getlistjobflow/90121/").body)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 400
    assert len(set(bodies)) == 1
    assert standin.ledger.count() == 8 * 51
