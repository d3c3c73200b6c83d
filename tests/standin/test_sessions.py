from __future__ import annotations

import pytest

from connector.standin.server import StandIn
from tests.standin.client import Client


@pytest.mark.parametrize("path", ["api/login/", "api/login/v2/", "api/login/v3/"])
def test_every_login_generation_gives_a_token_a_cookie_and_the_stores(guest: Client, path: str) -> None:
    guest.login(path=path)
    assert guest.cookie.startswith("JSESSIONID=")
    assert [child["param"] for menu in guest.welcome["menu"] for child in menu["child"]] == guest.welcome["kho"]
    assert guest.welcome["switchUser"] == [{"userid": "5501", "name": "Tổ công tác (kiêm nhiệm)"}]
    assert len(guest.tasks()) > 100


@pytest.mark.parametrize("token", ["", "tok-khac"])
def test_a_missing_or_wrong_token_is_answered_with_401(guest: Client, token: str) -> None:
    guest.token = token
    reply = guest.get("api/job/getlistjobflow/90141/")
    assert (reply.status, reply.json["status"]["code"]) == (401, "error_authentication_required")


def test_a_wrong_password_is_a_business_error_with_a_vietnamese_message(guest: Client, standin: StandIn) -> None:
    reply = guest.login(password="sai")
    assert (reply.status, reply.json["status"]["code"], reply.json["data"]) == (200, "1", None)
    assert "mật khẩu" in reply.json["status"]["message"]
    standin.knobs.refused_login = "401"
    assert guest.login(password="sai").status == 401


def test_switching_gives_a_new_token_ends_the_old_one_and_shows_the_other_lists(client: Client) -> None:
    old, mine = client.token, {row["id"] for row in client.tasks()}
    client.switch("5501")
    assert client.welcome["unitName"] == "Tổ công tác (kiêm nhiệm)"
    other = {row["id"] for row in client.tasks()}
    assert len(other) == 13
    assert other != mine
    client.token = old
    assert client.get("api/document/countmenu/").status == 401


def test_an_identity_of_another_account_cannot_be_switched_to(client: Client) -> None:
    assert client.get("api/switch/1002/").json["status"]["code"] == "1"


def test_after_logout_the_token_is_dead(client: Client) -> None:
    assert client.get("api/logout/").data is None
    assert client.get("api/document/countmenu/").status == 401


def test_a_token_needs_its_cookie_where_the_server_wants_one(client: Client, standin: StandIn) -> None:
    standin.knobs.cookie_required = True
    assert client.get("api/document/countmenu/").status == 200
    client.cookie = ""
    assert client.get("api/document/countmenu/").status == 401
