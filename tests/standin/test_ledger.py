from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector.standin.faults import Fault, Knobs
from connector.standin.process import StandInProcess
from connector.standin.server import StandIn
from tests.standin.client import Client, local


def test_the_ledger_has_every_request_with_time_identity_status_body_and_faults(
    client: Client, standin: StandIn
) -> None:
    standin.ledger.clear()
    standin.move_to(local("2022-02-10 09:00"))
    client.tasks(size=15)
    standin.knobs.faults = [Fault("bom"), Fault("busy")]
    client.token = ""
    client.get("api/logout/")
    entries = [(e.method, e.path, e.identity, e.status, e.effects) for e in standin.ledger.entries]
    assert entries == [
        ("POST", "/qlvb/api/job/getlistjobdagiao/", "1001", 200, ()),
        ("GET", "/qlvb/api/logout/", "", 400, ("bom", "busy")),
    ]
    assert json.loads(standin.ledger.entries[0].body)["pageRec"] == 15
    assert {entry.at for entry in standin.ledger.entries} == {local("2022-02-10 09:00")}
    assert standin.ledger.count("getlistjob") == 1


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_ledger_file_grows_with_each_request(tmp_path: Path) -> None:
    path = tmp_path / "so.jsonl"
    standin = StandIn.packaged(local("2022-02-28 23:59"), ledger_file=path)
    with standin, Client(standin.url) as client:
        client.login()
        assert lines(path) == [
            {"at": "2022-02-28T23:59:00+07:00", "method": "POST", "path": "/qlvb/api/login/v2/", "identity": "",
             "status": 200}
        ]  # fmt: skip
        client.tasks(size=15)
        standin.knobs.faults = [Fault("slow", value="0")]
        client.get("api/getcontacts/")
        client.get("api/document/countmenu/")
        page, forbidden, slow = lines(path)[1:]
    assert json.loads(page["body"])["pageNo"] == 1
    assert forbidden["violation"] == "GET api/getcontacts/: not on the allow-list"
    assert slow["effects"] == ["slow"]
    again = StandIn.packaged(local("2022-02-28 23:59"), ledger_file=path)
    with again, Client(again.url) as client:
        client.login()
    assert len(lines(path)) == 5, "a second server adds to it"


def test_neither_passwords_nor_tokens_get_into_the_ledger_even_by_mistake(tmp_path: Path) -> None:
    path = tmp_path / "so.jsonl"
    standin = StandIn.packaged(local("2022-02-28 23:59"), knobs=Knobs(refused_login="401"), ledger_file=path)
    with standin, Client(standin.url) as client:
        client.login()
        token = client.token
        client.login(password="Thu-nghiem-sai")
        client.post("api/login/v9/", {"password": "Thu-nghiem-1"})
        client.post("api/job/getlistjobdagiao/", {"password": "Thu-nghiem-1", "token": token})
        client.get(f"api/job/getlistjobflow/{token}/")
        client.get(f"api/getcontacts/?token={token}")
        client.get(f"api/{token}/Thu-nghiem-2/")
        client.post("api/updatepassword/", {"newPassword": "Thu-nghiem-moi"})
    whole = path.read_text(encoding="utf-8") + json.dumps(standin.ledger.to_json())
    assert len(lines(path)) == len(standin.ledger.entries) == 8
    assert not any(secret in whole for secret in (token, client.cookie, "Thu-nghiem"))
    assert "***" in whole


def test_a_child_process_writes_its_ledger_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "so.jsonl"
    with StandInProcess(now=local("2022-02-28 23:59"), ledger=path) as process:
        with Client(process.url) as client:
            client.login()
            client.tasks()
        assert [line["path"] for line in lines(path)] == [entry.path for entry in process.ledger.entries]
        assert process.ledger.entries[1].body
    assert len(lines(path)) == 2


def test_a_ledger_file_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="such file"):
        StandIn.packaged(local("2022-02-28 23:59"), ledger_file=tmp_path / "khong" / "so.jsonl")
