from __future__ import annotations

import pytest

from connector.standin.server import StandIn
from tests.standin.client import Client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        # GET that change data
        ("GET", "api/document/signeddocument/450009/"),
        ("GET", "api/incommingdocument/recoverdocument/450169/"),
        ("GET", "api/outgoingdocument/recovertranferdocument/450009/"),
        ("GET", "api/validateotp/123456/"),
        ("GET", "api/resendotp/"),
        ("GET", "api/getlinkeditfile/7000001/"),
        # writes
        *(("POST", f"api/job/{name}/") for name in ("updatestatus", "updatejob", "evaluatejob", "createjob")),
        ("POST", "api/job/updateassign/"),
        ("POST", "api/document/finishdocument/"),
        ("POST", "api/document/forwarddocument/"),
        ("POST", "api/document/tranfernotify/"),
        ("POST", "api/incommingdocument/sendcomment/"),
        ("POST", "api/information/create/"),
        ("DELETE", "api/information/delete/3301/"),
        ("POST", "api/notifycation/setreadnotify/"),
        ("POST", "api/file/upload/"),
        ("PUT", "api/updatepassword/"),
        ("POST", "api/createexception/"),
        # reads we have no need for, and the right paths asked for wrongly
        ("POST", "api/checkversion/"),
        ("GET", "api/getcontacts/"),
        ("GET", "api/getuserinfo/me/"),
        ("GET", "api/file/download/7000001/"),
        ("GET", "api/notifycation/getdetailnotify/71001/"),
        ("GET", "api/job/getlistjobflow/90141"),  # the slash at the end is part of the path
        ("GET", "api/job/getlistjobflow//90141/"),
        ("GET", "api/job/getlistjobduocgiao/"),
        ("DELETE", "api/job/getlistjobflow/90141/"),
        ("GET", "api/login/v2/"),
        ("POST", "api/logout/"),
        ("POST", "api/login/v4/"),
    ],
)
def test_anything_off_the_allow_list_is_refused_and_recorded(
    client: Client, standin: StandIn, method: str, path: str
) -> None:
    assert client.send(method, path).status == 404
    assert [one.partition(":")[0] for one in standin.ledger.violations] == [f"{method} {path}"]
    assert standin.ledger.entries[-1].status == 404


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


def test_everything_on_the_allow_list_answers_without_a_violation(client: Client, standin: StandIn) -> None:
    """The index of the wire notes, section 13."""
    row, document = client.tasks("duocgiao")[0], client.documents("DEN_DA_XU_LY")[0]["id"]
    task, line = row["id"], row["nxlId"]
    job = [f"{name}/{task}" for name in ("getlistjobflow", "getlistchildjob", "getlistprocesser", "getlistfile")]
    job += [f"getdetailjobduocgiao/{task}/{line}", "getlistboss", "getlistunit", "getlistperson/2000"]
    of_document = ["getdetaildocument", "getactivitylog", "getdocrelated"]
    codes = ["typecode", "field", "priority", "unit", "unitpublish"]
    paths = [f"api/job/{name}/" for name in job]
    paths += [f"api/job/getdetailjobdagiao/{client.tasks()[0]['id']}/", "api/job/getliststatus/MUCDOCONGVIEC/"]
    paths += [f"api/document/{name}/{document}/" for name in of_document]
    paths += [f"api/file/{name}/{document}/" for name in ("getfileattach", "getfilerelated")]
    paths += [f"api/document/getlist{name}/" for name in codes] + ["api/document/countmenu/"]
    paths += ["api/report/jobreport/2/", "api/report/documentreport/"]
    paths += ["api/information/getflow/1/", "api/information/getfiles/1/"]
    for path in paths:
        client.get(path).data  # noqa: B018  its assertion
    for name in ("receive", "send"):
        assert client.post(f"api/information/getlist{name}/", {"pageNo": "1", "pageRec": "10"}).data == []
    assert standin.ledger.violations == []


def test_without_a_fixed_instant_the_stand_in_follows_the_system_clock() -> None:
    with StandIn.packaged(None) as standin, Client(standin.url) as client:
        client.login()
        assert standin.now.year >= 2025
        assert client.task("90080") is not None
