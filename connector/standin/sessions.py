"""Who is logged in: tokens, cookies, identities. Thread-safe."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.standin.faults import Knobs
from connector.standin.timeline import Account, Setup


@dataclass
class Session:
    account: Account
    identity: str
    token: str
    cookie: str
    began: datetime
    calls: int = 0


class Sessions:
    def __init__(self, setup: Setup) -> None:
        self._accounts = {account.username: account for account in setup.accounts}
        self._open: dict[str, Session] = {}
        self._lock = threading.Lock()

    def login(self, username: str, password: str, knobs: Knobs, now: datetime) -> Session | None:
        """A session as the account's first identity; None if the name or password is wrong or the account locked."""
        account = self._accounts.get(username)
        if (
            account is None
            or username in knobs.locked
            or not secrets.compare_digest(account.password.encode(), password.encode())
        ):
            return None
        with self._lock:
            if knobs.single_session:
                for token in [token for token, one in self._open.items() if one.account is account]:
                    del self._open[token]
        return self._start(account, account.identities[0], now)

    def switch(self, session: Session, identity: str, now: datetime) -> Session | None:
        """A new session as another identity of the same account in place of the old one; None if it has no such."""
        if identity not in session.account.identities:
            return None
        self.logout(session)
        return self._start(session.account, identity, now)

    def find(self, token: str, cookies: str, knobs: Knobs, now: datetime) -> Session | None:
        """The session of a token, one call older; None if there is none or it has expired."""
        session = self._open.get(token)
        if session is None:
            return None
        session.calls += 1
        too_old = knobs.token_seconds and now - session.began >= timedelta(seconds=knobs.token_seconds)
        if too_old or (knobs.token_calls and session.calls > knobs.token_calls):
            self.logout(session)
            return None
        if knobs.cookie_required and f"JSESSIONID={session.cookie}" not in cookies:
            return None
        return session

    def logout(self, session: Session) -> None:
        with self._lock:
            self._open.pop(session.token, None)

    def expire(self) -> None:
        """End all sessions, as a restart of the server would."""
        with self._lock:
            self._open.clear()

    def _start(self, account: Account, identity: str, now: datetime) -> Session:
        session = Session(account, identity, f"tok-{secrets.token_hex(12)}", secrets.token_hex(8).upper(), now)
        with self._lock:
            self._open[session.token] = session
        return session
