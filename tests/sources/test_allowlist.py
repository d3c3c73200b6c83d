from __future__ import annotations

import pytest

from connector.errors import ForbiddenRequest
from connector.sources.rest.allowlist import require_allowed
from tests.sources.conftest import MakeClient
from tests.sources.fake import FakeOffice

ALLOWED = """
POST api/login/v2/
POST api/login/
POST api/login/v3/
GET api/logout/
GET api/switch/5501/
POST api/job/getlistjobduocgiao/
POST api/job/getlistjobdagiao/
GET api/job/getliststatus/TRANGTHAITIMKIEM/
GET api/job/getdetailjobduocgiao/90215/311870/
GET api/job/getdetailjobdagiao/90215/
GET api/job/getlistjobflow/90215/
GET api/job/getlistchildjob/90215/
GET api/job/getlistprocesser/90215/
GET api/job/getlistfile/90215/
GET api/job/getlistboss/
GET api/job/getlistunit/
GET api/job/getlistperson/1310/
POST api/document/getpagingwaitingdocument/
POST api/document/getlistwaitingdocument/
POST api/document/getlistprocesseddocument/
POST api/document/getlistnotifydocument/
POST api/document/getlistoutdatedocument/
POST api/document/pagingsigneddocument/
POST api/document/getlistsigneddocument/
POST api/document/paginglookupbyparam/
POST api/document/getlistlookupbyparam/
POST api/document/paginglookupdocument/
POST api/document/lookupdocument/
GET api/document/getactivitylog/450123/
GET api/document/getdocrelated/450123/
GET api/file/getfileattach/450123/
GET api/file/getfilerelated/450123/
GET api/document/getlisttypecode/
GET api/document/getlistunitpublish/
GET api/report/jobreport/2/
GET api/report/documentreport/
GET api/document/countmenu/
POST api/information/getlistreceive/
POST api/notifycation/getlistnotify/v2/
""".strip().splitlines()

FORBIDDEN = """
GET api/document/signeddocument/450123/
GET api/incommingdocument/recoverdocument/450123/
GET api/outgoingdocument/recovertranferdocument/450123/
GET api/validateotp/123456/
GET api/getlinkeditfile/1/
GET api/file/download/77001/
GET api/getuserinfo/me/
GET api/getcontacts/
GET api/notifycation/getdetailnotify/1/
GET api/information/getdetail/3301/
POST api/job/updatestatus/
POST api/job/createjob/
POST api/job/getlistjobflow/90215/
PUT api/job/updatejob/
DELETE api/information/delete/1/
GET api/job/getlistjobdagiao/
GET api/job/getlistjobflow/90215
GET api/job/getlistjobflow//
GET api/job/getlistjobflow/1/2/
GET api/job/getlistjobflow/../
GET api/job/getlistjobflow/1?x=api/job/getlistjobflow/1/
GET api/report/jobreport/13/
GET /api/document/countmenu/
GET https://khac.example/api/document/countmenu/
GET api/document/countmenu/\u0000
GET api/switch/5501/%2e%2e/
POST api/login/v4/
""".strip().splitlines()

MARKING = ["api/document/getdetaildocument/450123/", "api/information/getflow/1/", "api/information/getfiles/1/"]


@pytest.mark.parametrize("request_line", ALLOWED)
def test_every_reading_request_of_the_index_is_allowed(request_line: str) -> None:
    method, path = request_line.split(" ", 1)
    require_allowed(method, path)


@pytest.mark.parametrize("request_line", FORBIDDEN)
def test_a_forbidden_request_raises_before_a_byte_is_sent(
    request_line: str, office: FakeOffice, make_client: MakeClient
) -> None:
    client = make_client()
    method, path = request_line.split(" ", 1)
    with pytest.raises(ForbiddenRequest):
        client.send(method, path)
    assert (office.seen, client.requests) == ([], 0)


@pytest.mark.parametrize("path", MARKING)
def test_calls_that_may_mark_something_as_read_are_off_unless_asked_for(
    path: str, office: FakeOffice, make_client: MakeClient
) -> None:
    with pytest.raises(ForbiddenRequest):
        make_client().send("GET", path)
    assert office.seen == []
    require_allowed("GET", path, marking=True)
