"""Letters from digests and notices: subject, plain text, HTML. Local time of the office in everything people read.

Text of the source is escaped in HTML and freed of control characters everywhere, so that no name can break a line of
the header or the layout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import css_inline
import jinja2

from connector.domain.letters import Digest, Letter
from connector.notify.layout import age, choose_rows, clean, count, counters, lay_out, lead, wrap
from connector.settings import OfficeSettings

MAX_ROWS = 100
MAX_BYTES = 90_000
"""Text and HTML together; leaves room for headers below the 100 kB a letter may weigh (F69)."""

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class NoticeHelp:
    """What a notice of one kind means and what the administrator does next, with the command."""

    meaning: str
    next_step: str
    command: str


NOTICE_HELP: Mapping[str, NoticeHelp] = {
    "auth_needed": NoticeHelp(
        "Để tránh bị khóa tài khoản, hệ thống đã dừng đăng nhập và không thử lại cho đến khi có người xác nhận. "
        "Dữ liệu đã lưu được giữ nguyên nhưng không được cập nhật.",
        "Kiểm tra tên đăng nhập, mật khẩu của tài khoản kết nối; sửa xong thì kiểm tra lại và đọc dữ liệu bằng lệnh:",
        "connector check && connector sync --retry-login",
    ),
    "guard_stop": NoticeHelp(
        "Số nhiệm vụ không còn thấy trên nguồn nhiều bất thường. Để an toàn, không nhiệm vụ nào bị đánh dấu là đã mất; "
        "dữ liệu đã lưu được giữ nguyên.",
        "Đối chiếu danh sách nhiệm vụ trên VNPT-iOffice (quyền của tài khoản, bộ lọc, đơn vị kiêm nhiệm). "
        "Nếu số giảm là đúng, chấp nhận và đọc lại toàn bộ bằng lệnh:",
        "connector sync --full --accept-shrink",
    ),
}


class JinjaRenderer:
    """LetterRenderer with the templates of this package.

    ``sender_domain`` names the letters (Message-ID); ``reply_to`` is the mailbox that reads replies, named in the
    text if known.
    """

    def __init__(self, office: OfficeSettings, sender_domain: str, reply_to: str | None = None) -> None:
        self._office = office
        self._domain = sender_domain
        self._reply_to = reply_to
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
        self._late_style = (_TEMPLATES / "narrow.css").read_text(encoding="utf-8")
        self._env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._env.filters.update(n2=count, wrap=wrap)

    def digest(self, digest: Digest, created_at: datetime) -> Letter:
        """The letter of a digest; ``created_at`` is aware. At most MAX_ROWS rows, new ones before known ones, and
        fewer if the letter would become too heavy. ``finding_ids`` of the letter are the rows really shown: a row
        that found no place stays untold."""
        limit = MAX_ROWS
        while True:
            shown = choose_rows(digest, limit)
            context = self._digest_context(digest, shown)
            text = self._text("digest.txt.j2", context)
            html = self._html("digest.html.j2", context)
            size = len(text.encode()) + len(html.encode())
            if size <= MAX_BYTES or limit <= 5:
                break
            limit = max(5, min(limit - 5, len(shown) * MAX_BYTES // size))
        return Letter(
            key=digest.key,
            recipients=digest.recipients,
            subject=self._subject(digest),
            text=text,
            html=html,
            message_id=message_id(digest.key, self._domain),
            created_at=created_at,
            finding_ids=tuple(identity for identity in digest.finding_ids if identity in shown),
        )

    def admin_notice(
        self, kind: str, title: str, lines: Sequence[str], recipient: str, created_at: datetime, key: str
    ) -> Letter:
        """A plain letter to the administrator. ``lines``: what happened, one sentence each; what it means and what to
        do next is added for the kinds of NOTICE_HELP (auth_needed, guard_stop)."""
        context = {
            "title": clean(title),
            "lines": [clean(line) for line in lines],
            "help": NOTICE_HELP.get(kind),
            "at": self._moment(created_at),
            "office": clean(self._office.name),
        }
        return Letter(
            key=key,
            recipients=(recipient,),
            subject=f"{self._tag()} {clean(title)}",
            text=self._text("notice.txt.j2", context),
            html=self._html("notice.html.j2", context),
            message_id=message_id(key, self._domain),
            created_at=created_at,
            kind=kind,
        )

    def _tag(self) -> str:
        return f"[iOffice {clean(self._office.province)}]"

    def _subject(self, digest: Digest) -> str:
        return f"{self._tag()} {lead(digest)}: {', '.join(counters(digest))} - {clean(digest.agency_name)}"

    def _digest_context(self, digest: Digest, shown: frozenset[int]) -> dict[str, object]:
        total = len(digest.finding_ids)
        sections = [lay_out(i, section, shown) for i, section in enumerate(digest.sections, 1)]
        return {
            "agency": clean(digest.agency_name),
            "office": clean(digest.office_name),
            "redirected": digest.redirected,
            "counters": counters(digest),
            "as_of": self._moment(digest.as_of),
            "data_at": self._moment(digest.data_at) if digest.data_at else "",
            "age": age(digest.as_of - digest.data_at) if digest.data_at else "",
            "sections": sections,
            "total": total,
            "hidden": total - sum(len(section.rows) for section in sections),
            "any_new": any(row.is_new for section in digest.sections for row in section.rows),
            "reply_to": self._reply_to,
        }

    def _moment(self, moment: datetime) -> str:
        return moment.astimezone(self._office.zone).strftime("%d/%m/%Y %H:%M")

    def _text(self, template: str, context: Mapping[str, object]) -> str:
        return self._env.get_template(template).render(context)

    def _html(self, template: str, context: Mapping[str, object]) -> str:
        inlined = self._inliner.inline(self._env.get_template(template).render(context))
        # Rules for narrow screens cannot be inlined; they follow after, so that the inliner leaves them alone.
        return inlined.replace("</head>", f"<style>\n{self._late_style}</style>\n</head>", 1) + "\n"


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a letter, from its key once and for all (F64)."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
