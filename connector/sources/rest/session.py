"""Logging in, staying logged in, being several people at once.

One session per identity of an account, each with its own token and cookies. A session is made by a login of its own
(followed by the switch to the identity), so the switch of one never replaces the token of another.

Some servers let a new login end the account's earlier sessions. ``open_sessions`` finds that out by using the first
session once more after the last was made; the account's sessions then take turns: requests run side by side only
within one identity, and each change of identity costs one login.

A refused login is tried once and never again (F02); the refusal holds for every session of the account.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import SecretStr

from connector import __version__
from connector.errors import AuthNeeded, ConnectorError, SourceGarbled, SourceRefused
from connector.settings import AccountSettings
from connector.sources.rest.client import Answer, RestClient
from connector.sources.rest.envelope import TokenExpired

log = structlog.get_logger()

PRIMARY = "primary"
"""Identity of an account whose login does not say which unit it belongs to."""

_REPLAYS = 3
_USELESS_LOGINS = 3


@dataclass
class Ticket:
    """A token with its cookies. ``accepted``: the server has answered a request made with it."""

    token: str = field(repr=False)
    cookies: dict[str, str] = field(repr=False)
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a login tells: the identity, the other identities of the same person, the document stores of the menu."""

    identity: str
    others: tuple[str, ...]
    stores: tuple[str, ...]


class Account:
    """What the sessions of one account share: the password, one login at a time, the refusal, whose turn it is."""

    def __init__(self, client: RestClient, login_path: str, username: str, password: SecretStr, source: str) -> None:
        self.username = username
        self.takes_turns = False
        self._client = client
        self._login_path = login_path
        self._password = unicodedata.normalize("NFC", password.get_secret_value())
        self._source = source
        self._login = threading.Lock()
        self._refusal = ""
        self._turn = threading.Condition()
        self._holder: Session | None = None
        self._held = 0

    def log_in(self, identity: str | None) -> tuple[Ticket, Welcome]:
        """A new ticket for the first identity (None) or another one. Raises AuthNeeded, and so does every call after
        it, without a request."""
        with self._login:
            if self._refusal:
                raise self._auth_needed()
            answer = self._send_login()
            ticket, welcome = self._welcome(answer, {})
            if identity is None:
                return ticket, welcome
            try:
                path = f"api/switch/{identity}/"
                answer = self._client.send("GET", path, token=ticket.token, cookies=ticket.cookies)
            except (SourceRefused, TokenExpired) as error:
                cause = str(error) or "the token was not accepted"
                raise SourceRefused(
                    f"cannot switch to identity {identity}: {cause}", account=self.username, source=self._source
                ) from None
            ticket, switched = self._welcome(answer, ticket.cookies)
            return ticket, Welcome(identity, (), switched.stores or welcome.stores)

    def _send_login(self) -> Answer:
        body = {
            "username": self.username,
            "password": self._password,
            "tokenFireBase": "",
            "type": "ANDROID",
            "device": f"connector {__version__}",
            "language": "VI",
        }
        try:
            return self._client.send("POST", self._login_path, body)
        except TokenExpired:
            self._refusal = "error_authentication_required"
        except SourceRefused as error:
            if error.fields.get("status", 401) not in (401, 403):
                raise  # a wrong address, not a wrong password
            self._refusal = str(error).replace(self._password, "***") if self._password else str(error)
        raise self._auth_needed()

    def _auth_needed(self) -> AuthNeeded:
        return AuthNeeded(f"login refused: {self._refusal}", account=self.username, source=self._source)

    def _welcome(self, answer: Answer, cookies: Mapping[str, str]) -> tuple[Ticket, Welcome]:
        data = answer.data
        token = data.get("token") if isinstance(data, Mapping) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token.strip():
            raise SourceGarbled("the login was accepted but brought no usable token", source=self._source)
        unit = data.get("unitId")
        others = [_text(row.get("userid")) for row in _rows(data.get("switchUser"))]
        ticket = Ticket(token, _merged(cookies, answer.cookies))
        identity = _text(unit) or PRIMARY
        return ticket, Welcome(identity, tuple(dict.fromkeys(one for one in others if one)), _stores(data))

    @contextmanager
    def turn(self, session: Session) -> Iterator[None]:
        """Holds the account for ``session`` where its sessions take turns; several threads may hold it at once."""
        if not self.takes_turns:
            yield
            return
        with self._turn:
            self._turn.wait_for(lambda: self._held == 0 or self._holder is session)
            if self._holder is not session:
                self._holder = session
                session.forget()  # the login of another identity has ended it
            self._held += 1
        try:
            yield
        finally:
            with self._turn:
                self._held -= 1
                self._turn.notify_all()


class Session:
    """One identity of one account. Thread-safe. ``identity`` is the id used in ``Stream``."""

    def __init__(self, client: RestClient, account: Account, switch_to: str | None = None) -> None:
        self.account = account
        self.welcome = Welcome(switch_to or PRIMARY, (), ())
        self._client = client
        self._switch_to = switch_to
        self._ticket: Ticket | None = None
        self._useless = 0
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return self.welcome.identity

    def open(self) -> Welcome:
        """Log in. Raises AuthNeeded, SourceUnavailable, SourceRefused, SourceGarbled."""
        with self._lock:
            self._ticket, self.welcome = self.account.log_in(self._switch_to)
            return self.welcome

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """The answer to a request made as this identity. An expired token costs one login, however many threads meet
        it together, and one replay. A new token that is refused as well is not replaced again, unless it had been
        accepted in between. Raises what ``RestClient.send`` raises, and AuthNeeded."""
        for replay in range(_REPLAYS + 1):
            ticket = self._current()
            try:
                answer = self._client.send(method, path, body, token=ticket.token, cookies=ticket.cookies)
            except SourceRefused as error:
                raise _without(ticket.token, error) from None
            except TokenExpired:
                self._drop(ticket)
                if replay and not ticket.accepted:
                    self._useless += 1
                    break
                continue
            ticket.accepted = True
            if answer.cookies:
                ticket.cookies = _merged(ticket.cookies, answer.cookies)
            return answer
        raise SourceRefused(f"{path} is refused with a new token as well", account=self.account.username)

    def is_alive(self) -> bool:
        """Whether the token is still accepted; asks the server."""
        ticket = self._current()
        try:
            self._client.send("GET", "api/document/countmenu/", token=ticket.token, cookies=ticket.cookies)
        except TokenExpired:
            self._drop(ticket)
            return False
        except (SourceRefused, SourceGarbled):
            pass  # an answer all the same
        ticket.accepted = True
        return True

    def forget(self) -> None:
        """The next request logs in first."""
        with self._lock:
            self._ticket = None

    def log_out(self) -> None:
        """One short try; never raises."""
        with self._lock:
            ticket, self._ticket = self._ticket, None
        if ticket is not None:
            with suppress(ConnectorError, TokenExpired):
                self._client.send("GET", "api/logout/", token=ticket.token, cookies=ticket.cookies, once=True)

    def _current(self) -> Ticket:
        with self._lock:
            if self._ticket is None:
                if self._useless >= _USELESS_LOGINS:
                    raise SourceRefused("new tokens are refused again and again", account=self.account.username)
                self._ticket, _ = self.account.log_in(self._switch_to)
                log.info("rest.logged_in_again", account=self.account.username, identity=self.identity)
            return self._ticket

    def _drop(self, ticket: Ticket) -> None:
        with self._lock:
            if self._ticket is ticket:  # otherwise another thread was first
                self._ticket = None


def _without(token: str, error: SourceRefused) -> SourceRefused:
    """The error as it may be shown: some servers repeat in their message what they were sent."""
    if token not in str(error):
        return error
    shown = {name: str(value).replace(token, "***") for name, value in error.fields.items() if name != "cause"}
    return SourceRefused(str(error).replace(token, "***"), **shown)


def open_sessions(client: RestClient, account: Account, settings: AccountSettings) -> list[Session]:
    """Sessions of an account, logged in: the first identity, then the others the settings ask for. One that cannot be
    had is among them: its lists are then refused by name, and the others' are read."""
    first = Session(client, account)
    welcome = first.open()
    wanted = welcome.others if settings.identities == "all" else tuple(dict.fromkeys(settings.identities))
    sessions = [first, *(Session(client, account, one) for one in wanted if one != welcome.identity)]
    for session in sessions[1:]:
        try:
            session.open()
        except (SourceRefused, SourceGarbled) as error:
            session.welcome = Welcome(session.identity, (), welcome.stores)
            log.warning("rest.identity_refused", account=account.username, identity=session.identity, cause=str(error))
    if len(sessions) > 1 and not first.is_alive():
        account.takes_turns = True
        log.warning("rest.identities_take_turns", account=account.username, identities=len(sessions))
    return sessions


def _stores(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of the document stores: from the menu, or from the plain list where there is no menu."""
    menu = [_text(child.get("param")) for part in _rows(data.get("menu")) for child in _rows(part.get("child"))]
    kho = data.get("kho")
    codes = menu or [_text(one) for one in (kho if isinstance(kho, list) else ())]
    return tuple(dict.fromkeys(code for code in codes if code))


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**old, **new}.items() if value}
