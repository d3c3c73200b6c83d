"""The only requests that may be sent (F101). Some GETs of this API change data, so "GET is safe" does not hold."""

from __future__ import annotations

import re

from connector.errors import ForbiddenRequest

_ID = r"[0-9A-Za-z_.:-]+"  # never a slash, a blank or a question mark: an id cannot lead to another path

_READS = (
    ("POST", r"api/login/(v[23]/)?"),
    ("GET", r"api/logout/"),
    ("GET", rf"api/switch/{_ID}/"),
    ("POST", r"api/job/getlistjob(duocgiao|dagiao)/"),
    ("GET", r"api/job/getliststatus/[A-Z]+/"),
    ("GET", rf"api/job/getdetailjobduocgiao/{_ID}/{_ID}/"),
    ("GET", rf"api/job/getdetailjobdagiao/{_ID}/"),
    ("GET", rf"api/job/(getlistjobflow|getlistchildjob|getlistprocesser|getlistfile)/{_ID}/"),
    ("GET", r"api/job/(getlistboss|getlistunit)/"),
    ("GET", rf"api/job/getlistperson/{_ID}/"),
    ("POST", r"api/document/(getpaging|getlist)(waiting|processed|notify|outdate)document/"),
    ("POST", r"api/document/(paging|getlist)signeddocument/"),
    ("POST", r"api/document/(paging|getlist)lookupbyparam/"),
    ("POST", r"api/document/(paging)?lookupdocument/"),
    ("GET", rf"api/document/(getactivitylog|getdocrelated)/{_ID}/"),
    ("GET", rf"api/file/(getfileattach|getfilerelated)/{_ID}/"),
    ("GET", r"api/document/getlist(typecode|field|priority|unit|unitpublish)/"),
    ("GET", r"api/report/jobreport/(1[0-2]|[1-9])/"),
    ("GET", r"api/report/documentreport/"),
    ("GET", r"api/document/countmenu/"),
    ("POST", r"api/information/(getlistreceive|getlistsend)/"),
    ("POST", r"api/notifycation/getlistnotify/v2/"),
)

_MAY_MARK_AS_READ = (
    ("GET", rf"api/document/getdetaildocument/{_ID}/"),
    ("GET", rf"api/information/(getflow|getfiles)/{_ID}/"),
)


def _compiled(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((method, re.compile(path, re.ASCII)) for method, path in rows)


READS = _compiled(_READS)
MAY_MARK_AS_READ = _compiled(_MAY_MARK_AS_READ)


def require_allowed(method: str, path: str, *, marking: bool = False) -> None:
    """``path`` is relative to the base address. ``marking``: also the calls that probably mark something as read for
    the person behind the account; off by default. Raises ForbiddenRequest, before a byte is sent."""
    rules = READS + MAY_MARK_AS_READ if marking else READS
    dots = any(part in (".", "..") for part in path.split("/"))
    if dots or not any(method == allowed and pattern.fullmatch(path) for allowed, pattern in rules):
        raise ForbiddenRequest(f"{method} {path[:200]} is not on the allow-list")
