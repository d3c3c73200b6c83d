"""A letter as an Internet message (pure): headers, text and HTML in UTF-8."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from connector.domain.letters import Letter

_LONGEST_LINE = 900
"""Octets; a line of a message may have 998 (RFC 5322)."""


class _Policy(EmailPolicy):
    """The standard library, folding a long header, loses or adds blanks between its words ("nhiệmvụ", seen in
    CPython 3.11). So what a person reads there is encoded as a whole, by the older class."""

    def fold(self, name: str, value: str) -> str:
        if name == "Subject" and not _fits(value):
            return f"{name}: {self._encode(name, value)}{self.linesep}"
        addresses: Sequence[Address] = getattr(value, "addresses", ())
        if name == "From" and addresses and not _fits(addresses[0].display_name):
            shown = self._encode(name, addresses[0].display_name)
            return f"{name}: {shown}{self.linesep} <{addresses[0].addr_spec}>{self.linesep}"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")

    def _encode(self, name: str, text: str) -> str:
        return Header(str(text), "utf-8", header_name=name, maxlinelen=76).encode(linesep=self.linesep)


POLICY = _Policy(linesep="\r\n", max_line_length=76)


def compose(
    letter: Letter,
    *,
    sender: str,
    sender_name: str,
    date: datetime,
    to: Sequence[str] | None = None,
    reply_to: str | None = None,
) -> EmailMessage:
    """The message of a letter. ``date``: when it is sent, aware, in the zone to be shown. ``to``: addresses named in
    the header (default: all of the letter's).

    Letters of one agency hang together: each refers to the same root, derived from the first part of the key.
    """
    domain = sender.rpartition("@")[2]
    root = hashlib.sha256(letter.key.partition(":")[0].encode()).hexdigest()[:32]
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(_one_line(sender_name), addr_spec=sender)
    message["To"] = [Address(addr_spec=address) for address in (letter.recipients if to is None else to)]
    if reply_to:
        message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = letter.message_id
    message["References"] = f"<thread.{root}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Connector-Key"] = _one_line(letter.key)
    message.set_content(letter.text, charset="utf-8", cte=_encoding(letter.text))
    if letter.html:
        message.add_alternative(letter.html, subtype="html", charset="utf-8", cte=_encoding(letter.html))
    message["Content-Language"] = "vi"  # last: the first part would take it along
    return message


def _fits(text: str) -> bool:
    """Whether a text needs neither encoding nor folding."""
    return text.isascii() and len(text) <= 60


def _one_line(text: str) -> str:
    """No line break may reach a header: the rest of the line would be a header of its own. Nor may an encoded word,
    which could hide one."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"=\?(?=[^?\s]*\?[bq]\?)", "= ?", line, flags=re.IGNORECASE)


def _encoding(text: str) -> str:
    """As it is, so that the raw letter can be read; base64 only if a line is too long for that."""
    return "8bit" if all(len(line.encode()) <= _LONGEST_LINE for line in text.splitlines()) else "base64"
