from __future__ import annotations

import pytest

from connector.standin.server import StandIn
from tests.standin.client import Client, local


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/job/updatestatus/"),
        ("GET", "api/document/signeddocument/450009/"),
        ("POST", "api/checkversion/"),
        ("GET", "api/getcontacts/"),
        ("GET", "api/job/getlistjobflow/90141"),  # the slash at the end is part of the path
        ("GET", "api/job/getlistjobduocgiao/"),
        ("DELETE", "api/job/getlistjobflow/90141/"),
        ("GET", "api/login/v2/"),
    ],
)
def test_anything_off_the_allow_list_is_refused_and_recorded(
    client: Client, standin: StandIn, method: str, path: str
) -> None:
    assert client.send(method, path).status == 404
    assert [one.partition(":")[0] for one in standin.ledger.violations] == [
        f"{method} /qlvb/{path}".replace("/qlvb/", "")
    ]


def test_a_path_outside_the_base_is_a_violation(client: Client, standin: StandIn) -> None:
    assert client.send("GET", "/api/logout/", base="").status == 404
    assert len(standin.ledger.violations) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("api/job/getlistjobdagiao/", {"pageNo": "1", "pageRec": "15", "name": "", "status": ""}),
        ("api/job/getlistjobdagiao/", {"pageNo": 1, "pageRec": 15, "name": "", "status": "", "coquan": -1}),
        ("api/document/getlistwaitingdocument/", {"pageNo": 1, "pageRec": 10, "param": "", "kho": "X"}),
        ("api/document/lookupdocument/", {"pageNo": "1", "pageRec": "10", "parameter": {"trichYeu": ""}}),
        ("api/job/getlistjobdagiao/", [1]),
    ],
)
def test_a_body_the_app_would_never_send_is_refused_and_recorded(
    client: Client, standin: StandIn, path: str, body: object
) -> None:
    assert client.post(path, body).json["status"]["code"] == "1"
    assert len(standin.ledger.violations) == 1


def test_the_ledger_has_every_request_with_virtual_time_identity_and_status(client: Client, standin: StandIn) -> None:
    standin.ledger.clear()
    standin.move_to(local("2022-02-10 09:00"))
    client.tasks()
    client.token = ""
    client.get("api/logout/")
    entries = [(entry.method, entry.path, entry.identity, entry.status) for entry in standin.ledger.entries]
    assert entries == [
        ("POST", "/qlvb/api/job/getlistjobdagiao/", "1001", 200),
        ("GET", "/qlvb/api/logout/", "", 401),
    ]
    assert {entry.at for entry in standin.ledger.entries} == {local("2022-02-10 09:00")}
    assert standin.ledger.count("getlistjob") == 1


def test_without_a_fixed_instant_the_stand_in_follows_the_system_clock() -> None:
    with StandIn.packaged(None) as standin, Client(standin.url) as client:
        client.login()
        assert standin.now.year >= 2025
        assert client.task("90080") is not None
