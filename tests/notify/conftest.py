"""A real SMTP server on loopback whose answers the tests choose."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connector.settings import SmtpSettings

PASSWORD = "dung-mat-khau"


class Relay:
    """aiosmtpd handler. ``answers``: MAIL, NOOP, DATA or a recipient → the reply; ``mails``: what was taken, raw;
    ``dialogue``: the commands seen; ``drop_after_data``: hang up instead of the last reply."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.mails: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.dialogue: list[str] = []
        self.connections = 0
        self.logins: list[tuple[bytes, bytes]] = []
        self.drop_after_data = False
        self.server: SMTP | None = None
        self.port = 0
        self.controller: Controller | None = None

    def only_mail(self) -> EmailMessage:
        """The only mail taken, parsed."""
        (raw,) = self.mails
        return message_from_bytes(raw, policy=default)

    def hang_up(self) -> None:
        """Cut the connection from the relay's side, as an idle time-out does."""
        assert self.controller is not None
        self.controller.loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        assert self.server is not None
        cast(asyncio.Transport, self.server.transport).abort()

    async def handle_EHLO(self, server: SMTP, session: Session, _: Envelope, hostname: str, lines: list[str]) -> Any:
        session.host_name = hostname
        self.server = server
        self.dialogue.append(f"EHLO {hostname}")
        return lines

    async def handle_NOOP(self, server: SMTP, session: Session, envelope: Envelope, argument: str) -> str:
        self.dialogue.append("NOOP")
        return self.answers.get("NOOP", "250 OK")

    async def handle_MAIL(self, server: SMTP, s: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        self.dialogue.append(" ".join(["MAIL", address, *options]))
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, s: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(cast(bytes, envelope.original_content))
        self.recipients.append(list(envelope.rcpt_tos))
        if self.drop_after_data:
            self._abort()
        return self.answers.get("DATA", "250 2.0.0 queued as 4711")

    def authenticate(self, server: SMTP, s: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        if "AUTH" in self.answers:
            return AuthResult(success=False, handled=False, message=self.answers["AUTH"])
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


class _CountingController(Controller):
    def factory(self) -> SMTP:
        self.handler.connections += 1
        return cast(SMTP, super().factory())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def tls_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


StartRelay = Callable[..., Relay]


@pytest.fixture
def start_relay(tls_context: ssl.SSLContext) -> Iterator[StartRelay]:
    """Starts relays: ``security`` as in the settings, ``auth`` to demand a login; more goes to aiosmtpd's SMTP."""
    started: list[Controller] = []

    def start(security: str = "none", auth: bool = False, **options: Any) -> Relay:
        relay = Relay()
        if security == "starttls":
            options |= {"tls_context": tls_context, "require_starttls": True}
        if auth:
            options |= {"auth_required": True, "authenticator": relay.authenticate}
            options |= {"auth_require_tls": security == "starttls"}
        for attempt in range(5):  # aiosmtpd cannot be given port 0: a free one may be taken meanwhile
            controller = _CountingController(
                relay,
                hostname="localhost",
                port=free_port(),
                ssl_context=tls_context if security == "tls" else None,
                server_hostname="relay.example.vn",  # or it asks a name server for its own name
                **options,
            )
            try:
                controller.start()
                break
            except OSError:
                if attempt == 4:
                    raise
        started.append(controller)
        relay.port, relay.controller, relay.connections = controller.port, controller, 0
        return relay

    yield start
    for controller in started:
        controller.stop()


def settings_for(relay: Relay, **changes: Any) -> SmtpSettings:
    values: dict[str, Any] = {
        "host": "localhost",
        "port": relay.port,
        "security": "none",
        "sender": "connector@example.vn",
        "timeout_seconds": 5,
    }
    return SmtpSettings.model_validate(values | changes)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast(int, probe.getsockname()[1])
