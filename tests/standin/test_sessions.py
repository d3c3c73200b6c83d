from __future__ import annotations

from datetime import timedelta

import pytest

from connector.standin.faults import Knobs
from connector.standin.server import StandIn
from tests.standin.client import Client
from tests.standin.proofs import proves

COUNTERS = "api/document/countmenu/"
AUTH = "error_authentication_required"


@pytest.mark.parametrize("path", ["api/login/", "api/login/v2/", "api/login/v3/"])
def test_every_login_generation_gives_a_token_a_cookie_and_the_stores(guest: Client, path: str) -> None:
    guest.login(path=path)
    assert guest.cookie.startswith("JSESSIONID=")
    assert [child["param"] for menu in guest.welcome["menu"] for child in menu["child"]] == guest.welcome["kho"]
    assert guest.welcome["switchUser"] == [{"userid": "5501", "name": "Tổ công tác (kiêm nhiệm)"}]
    assert len(guest.tasks()) > 100


@proves("logins")
def test_a_login_generation_the_server_does_not_have_is_not_found_and_no_violation(
    guest: Client, standin: StandIn
) -> None:
    standin.knobs.logins = ("v3",)
    statuses = {path: guest.login(path=path).status for path in ("api/login/", "api/login/v2/", "api/login/v3/")}
    assert statuses == {"api/login/": 404, "api/login/v2/": 404, "api/login/v3/": 200}
    assert standin.ledger.violations == []


def test_the_answer_to_a_login_repeats_the_password_as_the_real_one_does(client: Client) -> None:
    assert client.welcome["password"] == "Thu-nghiem-1"


@pytest.mark.parametrize("token", ["", "tok-khac"])
def test_a_missing_or_wrong_token_is_answered_with_401(guest: Client, token: str) -> None:
    guest.token = token
    reply = guest.get("api/job/getlistjobflow/90141/")
    assert (reply.status, reply.json["status"]["code"]) == (401, AUTH)


def test_a_wrong_password_is_a_business_error_with_a_vietnamese_message(guest: Client) -> None:
    reply = guest.login(password="sai")
    assert (reply.status, reply.json["status"]["code"], reply.json["data"]) == (200, "1", None)
    assert "mật khẩu" in reply.json["status"]["message"]


@proves("refused_login", "locked")
@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ("envelope", 200, "1"),
        ("401", 401, "1"),
        ("401_code", 401, AUTH),
        ("401_html", 401, None),
        ("403", 403, "1"),
        ("html", 200, None),
        ("302", 302, None),
    ],
)
def test_a_login_can_be_refused_in_many_forms_even_with_the_right_password(
    guest: Client, standin: StandIn, form: str, status: int, code: str | None
) -> None:
    standin.knobs.change({"refused_login": form, "locked": ["ketnoi.vp"]})
    reply = guest.post("api/login/v2/", {"username": "ketnoi.vp", "password": "Thu-nghiem-1", "tokenFireBase": ""})
    assert reply.status == status
    if code is None:
        assert reply.headers["content-type"].startswith("text/html")
    else:
        assert (reply.json["status"]["code"], reply.json["data"]) == (code, None)
    assert "location" in reply.headers if form == "302" else "location" not in reply.headers
    assert guest.login("ketnoi.thnc", "Thu-nghiem-2").status == 200, "the other account is not locked"


def test_switching_gives_a_new_token_ends_the_old_one_and_shows_the_other_lists(client: Client) -> None:
    old, mine = client.token, {row["id"] for row in client.tasks()}
    client.switch("5501")
    assert client.welcome["unitName"] == "Tổ công tác (kiêm nhiệm)"
    other = {row["id"] for row in client.tasks()}
    assert len(other) == 13
    assert other != mine
    client.token = old
    assert client.get(COUNTERS).status == 401


def test_an_identity_of_another_account_cannot_be_switched_to(client: Client) -> None:
    assert client.get("api/switch/1002/").json["status"]["code"] == "1"


def test_after_logout_the_token_is_dead(client: Client) -> None:
    assert client.get("api/logout/").data is None
    assert client.get(COUNTERS).status == 401


@proves("cookie_required")
def test_a_token_needs_its_cookie_where_the_server_wants_one(client: Client, standin: StandIn) -> None:
    standin.knobs.cookie_required = True
    assert client.get(COUNTERS).status == 200
    client.cookie = ""
    assert client.get(COUNTERS).status == 401


@proves("token_calls")
def test_a_token_dies_after_its_calls(client: Client, standin: StandIn) -> None:
    standin.knobs.token_calls = 3
    assert [client.get(COUNTERS).status for _ in range(5)] == [200, 200, 200, 401, 401]
    client.login()
    assert client.get(COUNTERS).status == 200


@proves("token_seconds")
def test_a_token_dies_of_age_on_the_virtual_clock(client: Client, standin: StandIn) -> None:
    standin.knobs.token_seconds = 1.5
    began = standin.now
    statuses = []
    for seconds in (0, 1.4, 1.5):
        standin.move_to(began + timedelta(seconds=seconds))
        statuses.append(client.get(COUNTERS).status)
    assert statuses == [200, 200, 401]
    standin.move_to(began)
    assert client.get(COUNTERS).status == 401, "dead is dead"
    client.login()
    assert [client.get(COUNTERS).status for _ in range(50)] == [200] * 50, "a clock that stands still ends nothing"


def test_without_a_fixed_instant_a_token_ages_with_the_system_clock() -> None:
    with StandIn.packaged(None, knobs=Knobs(token_seconds=1e-6)) as standin, Client(standin.url) as client:
        client.login()
        assert client.get(COUNTERS).status == 401


@proves("expired_form")
@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ("lower", 401, AUTH),
        ("upper", 401, AUTH.upper()),
        ("other", 401, "token_invalid"),
        ("html", 401, None),
        ("200", 200, AUTH),
    ],
)
def test_an_expired_token_is_answered_in_several_forms_until_a_new_login(
    client: Client, standin: StandIn, form: str, status: int, code: str | None
) -> None:
    standin.knobs.change({"expired_form": form, "token_calls": 1})
    assert client.get(COUNTERS).data
    reply = client.get(COUNTERS)
    assert reply.status == status
    assert (reply.json["status"]["code"] if code else reply.headers["content-type"][:9]) == (code or "text/html")
    client.login()
    assert client.get(COUNTERS).data


@proves("single_session")
def test_a_new_login_ends_the_old_session_where_only_one_is_allowed(client: Client, standin: StandIn) -> None:
    old = client.token
    client.login()
    new, client.token = client.token, old
    assert client.get(COUNTERS).status == 200
    standin.knobs.single_session = True
    client.login()
    for token in (old, new):
        client.token = token
        assert client.get(COUNTERS).status == 401


def test_all_sessions_can_be_ended_at_once(client: Client, standin: StandIn) -> None:
    standin.sessions.expire()
    assert client.get(COUNTERS).status == 401
