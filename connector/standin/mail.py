"""A mail server on loopback that keeps what it gets: for the demo, for training and for the tests."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
PORT_TRIES = 20


@dataclass(frozen=True)
class Caught:
    """A message as it came: envelope and bytes. ``path`` is the .eml file, if files are written."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    path: Path | None = None

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class MailKnobs:
    """``refuse``: recipients answered with 550. ``busy``: how many more messages are answered with 451.
    ``drop_after_data``: how many more messages are kept, but the connection ends before the answer."""

    refuse: set[str] = field(default_factory=set)
    busy: int = 0
    drop_after_data: int = 0


class MailCatcher:
    """A real SMTP server on a free port of loopback. Messages are kept in memory and, with a ``folder``, written as
    ``NNN-<recipient>.eml``. Use ``start`` and ``stop``, or ``with``."""

    def __init__(self, folder: Path | None = None, knobs: MailKnobs | None = None) -> None:
        self.host = HOST
        self.port = 0
        self.folder = folder
        self.knobs = knobs if knobs is not None else MailKnobs()
        self.messages: list[Caught] = []
        self._controller: Controller | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Raises OSError if no free port was found."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(PORT_TRIES):
            port = _free_port()
            controller = Controller(_Handler(self), hostname=HOST, port=port, enable_SMTPUTF8=True)
            try:
                controller.start()
            except OSError:  # somebody else took the port in between
                with contextlib.suppress(Exception):
                    controller.stop()
                if attempt == PORT_TRIES - 1:
                    raise
            else:
                self.port, self._controller = port, controller
                return

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> MailCatcher:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def keep(self, envelope: Envelope) -> None:
        """Take over a received message."""
        content = envelope.original_content or b""
        recipients = tuple(str(one) for one in envelope.rcpt_tos)
        with self._lock:
            path = None
            if self.folder is not None:
                first = re.sub(r"[^\w.@+-]", "_", recipients[0])
                path = self.folder / f"{len(self.messages) + 1:03}-{first}.eml"
                path.write_bytes(content)
            self.messages.append(Caught(str(envelope.mail_from), recipients, content, path))


class _Handler:
    """The names of the methods are those aiosmtpd calls."""

    def __init__(self, catcher: MailCatcher) -> None:
        self._catcher = catcher

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        if address in self._catcher.knobs.refuse:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        knobs = self._catcher.knobs
        if knobs.busy > 0:
            knobs.busy -= 1
            return "451 4.3.2 try again later"
        self._catcher.keep(envelope)
        if knobs.drop_after_data > 0:
            knobs.drop_after_data -= 1
            cast(asyncio.Transport, server.transport).abort()
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
