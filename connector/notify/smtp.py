"""Mailer over SMTP: one connection for many letters, one outcome per recipient.

What a failure means: 5xx to a recipient is an outcome (refused), 4xx too (retry). Whatever concerns the relay as a
whole is an error: MailUnavailable (no connection, no trust, 421, time-out, lost before the last reply) or MailRefused
(login, sender).
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from connector.clock import OFFICE_ZONE
from connector.domain.letters import Delivery, Letter
from connector.errors import MailError, MailRefused, MailUnavailable
from connector.notify.message import POLICY, compose
from connector.ports import Clock
from connector.settings import SmtpSettings

_E = TypeVar("_E", bound=MailError)


class SmtpMailer:
    """``clock`` gives the Date header, ``zone`` its zone; ``reply_to`` is the mailbox that reads replies, if any.

    A refused login is not tried again before ``close`` (accounts get locked).
    """

    def __init__(
        self,
        settings: SmtpSettings,
        password: SecretStr | None,
        clock: Clock,
        *,
        reply_to: str | None = None,
        zone: ZoneInfo = OFFICE_ZONE,
    ) -> None:
        self._settings = settings
        self._password = password
        self._clock = clock
        self._reply_to = reply_to
        self._zone = zone
        self._smtp: smtplib.SMTP | None = None
        self._login_refused: MailRefused | None = None

    def send(self, letter: Letter) -> Sequence[Delivery]:
        """Hand a letter to the relay; one outcome per recipient, in their order. ``seconds``: until the recipient was
        refused, or until the relay had taken the letter. Raises MailUnavailable, MailRefused."""
        if not letter.recipients:
            raise MailRefused("letter has no recipient", key=letter.key)
        started = time.monotonic()
        with self._relay_trouble():
            return self._transfer(self._connection(), letter, started)

    def verify(self) -> None:
        """Connect, check the certificate, log in, NOOP; no letter is sent. Raises MailUnavailable, MailRefused."""
        with self._relay_trouble():
            code, reply = self._connection().noop()
            if code != 250:
                raise self._unavailable(f"NOOP: {_words(code, reply)}")

    def close(self) -> None:
        """Say goodbye, if connected; never raises. The next letter opens a new connection and may log in again."""
        self._login_refused = None
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError):
                smtp.quit()
            smtp.close()

    def _transfer(self, smtp: smtplib.SMTP, letter: Letter, started: float) -> list[Delivery]:
        outcomes: dict[str, Delivery] = {}

        def note(recipient: str, code: int, words: str) -> None:
            outcome = "sent" if code < 300 else "retry" if code < 500 else "refused"
            outcomes[recipient] = Delivery(recipient, outcome, words, time.monotonic() - started)

        eight_bit = smtp.has_extn("8bitmime")
        code, reply = smtp.mail(self._settings.sender, ("body=8bitmime",) if eight_bit else ())
        if code >= 300:
            kind = MailRefused if code >= 500 else MailUnavailable
            raise self._error(kind, f"MAIL FROM {self._settings.sender}: {_words(code, reply)}")

        accepted = []
        for recipient in dict.fromkeys(letter.recipients):
            if not recipient.isascii() or not recipient.isprintable() or recipient.count("@") != 1:
                note(recipient, 553, "553 address not usable (not sent to the relay)")
                continue
            code, reply = smtp.rcpt(recipient)
            if code == 421:
                raise self._unavailable(f"RCPT TO: {_words(code, reply)}")
            if code < 300:
                accepted.append(recipient)
            else:
                note(recipient, code, _words(code, reply))

        if accepted:
            # Refused addresses stay out of the header: nobody could answer to them.
            message = compose(
                letter,
                sender=self._settings.sender,
                sender_name=self._settings.sender_name,
                date=self._clock.now().astimezone(self._zone),
                to=accepted,
                reply_to=self._reply_to,
            )
            content = message.as_bytes(policy=POLICY.clone(cte_type="8bit" if eight_bit else "7bit"))
            try:
                code, reply = smtp.data(content)
            except smtplib.SMTPDataError as refusal:
                code, reply = refusal.smtp_code, _octets(refusal.smtp_error)
            if code == 421:
                raise self._unavailable(f"DATA: {_words(code, reply)}")
            for recipient in accepted:
                note(recipient, code, _words(code, reply))
        if not accepted or code >= 300:
            self._clear(smtp)
        return [outcomes[recipient] for recipient in dict.fromkeys(letter.recipients)]

    def _clear(self, smtp: smtplib.SMTP) -> None:
        """Forget the refused letter on the connection. What was said about it stands, even if this fails."""
        try:
            smtp.rset()
        except OSError:
            self._drop()

    def _connection(self) -> smtplib.SMTP:
        """The open connection if it still answers, else a new one."""
        if self._login_refused is not None:
            raise self._login_refused
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self._drop()
        self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if not settings.host:
            raise self._unavailable("no relay is configured (smtp.host is empty)")
        # The name we greet with is given, so that nothing asks a name server for it.
        own_name = settings.sender.rpartition("@")[2]
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, own_name, timeout=settings.timeout_seconds, context=self._tls()
            )
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, own_name, timeout=settings.timeout_seconds)
        try:
            smtp.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                smtp.starttls(context=self._tls())
                smtp.ehlo()
            if settings.username:
                self._log_in(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.ca_file is not None:
            context.load_verify_locations(self._settings.ca_file)
        return context

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """One try with one mechanism; smtplib's own ``login`` would try a wrong password once per mechanism."""
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        mechanism = next((name for name in ("PLAIN", "LOGIN") if name in offered), None)
        if mechanism is None or self._password is None:
            cause = "no password is configured" if self._password is None else "relay offers no AUTH PLAIN or LOGIN"
            raise self._error(MailRefused, cause)
        smtp.user, smtp.password = self._settings.username, self._password.get_secret_value()
        try:
            smtp.auth(mechanism, smtp.auth_plain if mechanism == "PLAIN" else smtp.auth_login)
        except smtplib.SMTPAuthenticationError as refusal:
            words = f"AUTH: {_words(refusal.smtp_code, _octets(refusal.smtp_error))}"
            if refusal.smtp_code < 500:
                raise self._unavailable(words) from None
            self._login_refused = self._error(MailRefused, words)
            raise self._login_refused from None
        except UnicodeEncodeError:  # its text would quote the password
            raise self._error(MailRefused, "user name or password has letters outside ASCII") from None

    @contextlib.contextmanager
    def _relay_trouble(self) -> Iterator[None]:
        """Whatever goes wrong below a reply ends the connection and is told as one of our errors."""
        try:
            yield
        except MailError:
            self._drop()
            raise
        except ssl.SSLError as trouble:
            self._drop()
            raise self._unavailable(f"TLS: {trouble}") from trouble
        except smtplib.SMTPResponseException as trouble:
            self._drop()
            raise self._unavailable(_words(trouble.smtp_code, _octets(trouble.smtp_error))) from trouble
        except OSError as trouble:  # time-outs, refused connections and all of smtplib's own errors
            self._drop()
            raise self._unavailable(f"{type(trouble).__name__}: {trouble}") from trouble
        except BaseException:  # half a dialogue is no place to go on from
            self._drop()
            raise

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _unavailable(self, cause: str) -> MailUnavailable:
        return self._error(MailUnavailable, cause)

    def _error(self, kind: type[_E], cause: str) -> _E:
        return kind(cause, host=self._settings.host, port=self._settings.port)


def _octets(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode()


def _words(code: int, reply: bytes) -> str:
    """The server's reply on one line: "550 5.1.1 no such user"."""
    return " ".join(f"{code} {reply.decode('utf-8', 'replace')}".split())
