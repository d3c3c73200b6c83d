from __future__ import annotations

import threading

import pytest
from pydantic import SecretStr

from connector import __version__
from connector.errors import AuthNeeded, ConnectorError, SourceGarbled, SourceRefused, SourceUnavailable
from connector.settings import AccountSettings
from connector.sources.rest.client import RestClient
from connector.sources.rest.session import Account, Session, open_sessions
from tests.sources.conftest import PASSWORD, MakeClient
from tests.sources.fake import FakeOffice, Reply, envelope, expired

PATH = "api/document/countmenu/"


def account(client: RestClient, password: str = PASSWORD) -> Account:
    return Account(client, "api/login/v2/", "ketnoi.mau", SecretStr(password), "vnpt")


def session(client: RestClient) -> Session:
    one = Session(client, account(client))
    one.open()
    return one


def test_the_login_is_the_one_documented(office: FakeOffice, make_client: MakeClient) -> None:
    welcome = session(make_client()).welcome
    assert office.seen[0].body == {
        "username": "ketnoi.mau",
        "password": PASSWORD,
        "tokenFireBase": "",
        "type": "ANDROID",
        "device": f"connector {__version__}",
        "language": "VI",
    }
    assert (welcome.identity, welcome.stores) == ("1001", ("DI_DA_PHAT_HANH",))


def test_the_raw_token_and_the_sessions_own_cookie_go_with_every_request(
    office: FakeOffice, make_client: MakeClient
) -> None:
    client = make_client()
    first, second = session(client), session(client)
    for one in (first, second, first):
        one.ask("GET", PATH)
    sent = [(one.token, one.headers["cookie"]) for one in office.asked(PATH)]
    assert sent == [(f"tok-SECRET-{n}", f"JSESSIONID=COOKIE-{n}") for n in (1, 2, 1)]


def test_a_cookie_set_later_replaces_the_one_of_the_same_name(office: FakeOffice, make_client: MakeClient) -> None:
    one = session(make_client())
    office.plan(PATH, Reply(headers={"Set-Cookie": "JSESSIONID=NEW; Path=/"}))
    one.ask("GET", PATH)
    office.plan(PATH, Reply(headers={"Set-Cookie": "JSESSIONID=gone; Max-Age=0"}))
    one.ask("GET", PATH)
    one.ask("GET", PATH)
    cookies = [seen.headers.get("cookie") for seen in office.asked(PATH)]
    assert cookies == ["JSESSIONID=COOKIE-1", "JSESSIONID=NEW", None]


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(envelope(None, "1", "Sai mật khẩu")),
        Reply(envelope(None, "1", "Sai mật khẩu"), 401),
        Reply(b"<html>403</html>", 403),
        expired(),
        expired(status=200),
    ],
    ids=["200", "401", "403", "401 with the expiry code", "200 with the expiry code"],
)
def test_a_refused_login_is_tried_exactly_once(
    refusal: Reply, office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.refuse_login = refusal
    one = Session(client := make_client(), account(client))
    for _ in range(3):
        with pytest.raises(AuthNeeded) as caught:
            one.open()
        with pytest.raises(AuthNeeded):
            one.ask("GET", PATH)
    assert (len(office.seen), sleeps) == (1, [])
    assert caught.value.fields["account"] == "ketnoi.mau"


def test_a_refusal_holds_for_all_sessions_of_the_account(office: FakeOffice, make_client: MakeClient) -> None:
    shared = account(client := make_client())
    sessions = [Session(client, shared), Session(client, shared, "5501")]
    for one in sessions:
        one.open()
    office.expire()
    office.refuse_login = Reply(envelope(None, "1", "Tài khoản bị khóa"))
    before = office.count("login")
    for one in sessions * 2:
        with pytest.raises(AuthNeeded, match="Tài khoản bị khóa"):
            one.ask("GET", PATH)
    assert office.count("login") == before + 1


def test_a_busy_server_is_no_refused_login(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("login", Reply(envelope(None, "1"), 400), Reply(b"<html>", 502), Reply(manner="drop"))
    assert session(make_client()).identity == "1001"
    assert office.count("login") == 4


def test_a_wrong_address_is_no_refused_login(office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("login", Reply(b"<html>not found</html>", 404))
    with pytest.raises(SourceRefused, match="404"):
        session(make_client())


@pytest.mark.parametrize("data", [None, [], {"token": None}, {"token": ""}, {"token": 7}, {"token": "a\r\nX: b"}])
def test_a_login_without_a_usable_token_is_garbled(data: object, office: FakeOffice, make_client: MakeClient) -> None:
    office.plan("login", Reply(envelope(data)))
    with pytest.raises(SourceGarbled, match="no usable token"):
        session(make_client())


def test_a_decomposed_password_is_sent_composed(office: FakeOffice, make_client: MakeClient) -> None:
    Session(client := make_client(), account(client, "Mâ\u0323t-khâ\u0309u")).open()
    assert office.seen[0].body["password"] == "Mật-khẩu"


# -- expiry (F01) ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply", [expired(), expired("ERROR_AUTHENTICATION_REQUIRED"), expired(status=200)], ids=["401", "case", "200"]
)
def test_an_expired_token_costs_one_login_and_one_replay(
    reply: Reply, office: FakeOffice, make_client: MakeClient
) -> None:
    one = session(make_client())
    office.plan(PATH, reply)
    assert one.ask("GET", PATH).data == []
    assert [seen.path.removeprefix("/qlvb/") for seen in office.seen] == ["api/login/v2/", PATH, "api/login/v2/", PATH]
    assert office.seen[-1].token == "tok-SECRET-2"


def test_workers_that_meet_the_expiry_together_share_one_login(office: FakeOffice, make_client: MakeClient) -> None:
    one = session(make_client(concurrency=8))
    office.expire()
    office.pause = 0.02
    errors: list[ConnectorError] = []

    def work() -> None:
        try:
            one.ask("GET", PATH)
        except ConnectorError as error:
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert (office.count("login"), office.count(PATH)) == (2, 16)


def test_an_endpoint_that_never_accepts_a_token_causes_no_endless_logins(
    office: FakeOffice, make_client: MakeClient
) -> None:
    one = session(make_client())
    office.plan("getlistboss", *[expired()] * 100)
    for _ in range(10):
        with pytest.raises(SourceRefused):
            one.ask("GET", "api/job/getlistboss/")
    assert office.count("login") <= 1 + 2 * 3


def test_tokens_that_live_for_three_calls_only_still_bring_every_answer(
    office: FakeOffice, make_client: MakeClient
) -> None:
    office.token_calls = 3
    one = session(make_client())
    assert [one.ask("GET", PATH).data for _ in range(10)] == [[]] * 10
    assert office.count("login") == 4


# -- identities (F102) -------------------------------------------------------------------------------------------------


def opened(client: RestClient, identities: object = "all") -> list[Session]:
    section = AccountSettings.model_validate({"username": "ketnoi.mau", "identities": identities})
    return open_sessions(client, account(client), section)


def test_every_identity_gets_a_session_of_its_own(office: FakeOffice, make_client: MakeClient) -> None:
    office.identities = ("5501", "5502")
    sessions = opened(make_client())
    assert [one.identity for one in sessions] == ["1001", "5501", "5502"]
    assert {one.welcome.stores for one in sessions} == {("DI_DA_PHAT_HANH",)}, (
        "a switch that shows no menu: the first's"
    )
    seen: list[str] = []
    office.answer = lambda request, identity: seen.append(identity)
    for one in sessions:
        one.ask("GET", PATH)
    assert seen == ["1001", "5501", "5502"]
    assert (office.count("login"), office.count("switch")) == (3, 2)


def test_only_the_named_identities_are_read_besides_the_first(office: FakeOffice, make_client: MakeClient) -> None:
    office.identities = ("5501", "5502")
    assert [one.identity for one in opened(make_client(), ["1001", "5502", "5502"])] == ["1001", "5502"]
    assert [one.identity for one in opened(make_client(), [])] == ["1001"]


def test_a_token_that_the_server_repeats_in_its_message_is_not_shown(
    office: FakeOffice, make_client: MakeClient
) -> None:
    (session,) = opened(make_client(), [])
    office.answer = lambda seen, _: Reply(envelope(None, "9", f"Phiên {seen.token} không có quyền"))
    with pytest.raises(SourceRefused, match=r"Phiên \*\*\* không có quyền") as refused:
        session.ask("GET", "api/document/countmenu/")
    assert "SECRET" not in str(refused.value.fields)


def test_an_identity_that_is_not_ours_is_refused_by_name_and_the_others_are_read(
    office: FakeOffice, make_client: MakeClient
) -> None:
    refused = Reply(envelope(None, "1", "Không có quyền"))
    office.plan("switch/9999", refused, refused)
    first, other, last = opened(make_client(), ["9999", "5501"])
    assert (first.identity, other.identity, last.identity) == ("1001", "9999", "5501")
    with pytest.raises(SourceRefused, match=r"9999.*Không có quyền"):
        other.ask("GET", "api/document/countmenu/")
    for session in (first, last):
        assert session.ask("GET", "api/document/countmenu/").data == []


def test_after_an_expiry_the_session_is_switched_to_its_identity_again(
    office: FakeOffice, make_client: MakeClient
) -> None:
    office.identities = ("5501",)
    second = opened(make_client())[1]
    office.expire()
    seen: list[str] = []
    office.answer = lambda request, identity: seen.append(identity)
    second.ask("GET", PATH)
    assert seen == ["5501"]


def test_where_a_login_ends_the_other_sessions_the_identities_take_turns(
    office: FakeOffice, make_client: MakeClient
) -> None:
    office.identities, office.single_session, office.pause = ("5501", "5502"), True, 0.002
    sessions = opened(make_client(concurrency=6))
    assert all(one.account.takes_turns for one in sessions)
    logins = office.count("login")
    asked: list[str] = []
    office.answer = lambda request, identity: asked.append(identity)
    failures: list[ConnectorError] = []

    def work(one: Session) -> None:
        try:
            with one.account.turn(one):
                for _ in range(5):
                    one.ask("GET", PATH)
        except ConnectorError as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(one,)) for one in sessions for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert sorted(asked) == sorted(["1001", "5501", "5502"] * 10)
    assert office.count("login") - logins <= 6


def test_where_logins_leave_each_other_alone_nobody_takes_turns(office: FakeOffice, make_client: MakeClient) -> None:
    office.identities = ("5501",)
    sessions = opened(make_client())
    assert not sessions[0].account.takes_turns


# -- the end -----------------------------------------------------------------------------------------------------------


def test_logging_out_ends_the_session_once_and_swallows_every_trouble(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    one, other = session(make_client()), session(make_client())
    office.plan("logout", Reply(b"<html>", 500))
    one.log_out()
    one.log_out()
    other.log_out()
    assert (office.count("logout"), sleeps) == (2, [])
    assert "tok-SECRET-2" not in office.tokens


def test_a_server_that_goes_away_during_the_login_is_unavailable(
    office: FakeOffice, make_client: MakeClient, sleeps: list[float]
) -> None:
    office.plan("login", *[Reply(manner="drop")] * 9)
    with pytest.raises(SourceUnavailable):
        session(make_client(attempts=3))
    assert (office.count("login"), len(sleeps)) == (3, 2)
