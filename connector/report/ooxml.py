"""Office files without traces of the moment they were made: the same content gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

_EPOCH = (1980, 1, 1, 0, 0, 0)


def zip_fixed(data: bytes) -> bytes:
    """The same archive with every entry dated 1980-01-01 and packed alike, order kept."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(item.filename))
    return out.getvalue()


def set_core_properties(doc: Any, *, title: str, author: str, at: datetime) -> None:
    """Properties of a python-docx document; ``at`` aware, to the second."""
    moment = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core = doc.core_properties
    core.title, core.author, core.last_modified_by, core.language = title, author, author, "vi-VN"
    core.subject = core.comments = core.keywords = core.category = core.identifier = ""
    core.created = core.modified = moment
    core.revision = 1
