"""A dossier on one page of A4, through the same typesetter and fonts as the report; the same bytes on a rerun."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from connector.detect.dossier import Dossier
from connector.report.dossier import dossier_text
from connector.report.pdf import clock_parts, compile_pdf
from connector.settings import OfficeSettings

TEMPLATE = Path(__file__).parent / "templates" / "ho-so-phat-hien.typ"
_AT_MOST = 6
"""Entries of a list on the page; the command line and JSON show all."""


def render_dossier(found: Dossier, office: OfficeSettings) -> bytes:
    """PDF/A-2b. Raises TemplateBroken."""
    text = dossier_text(found, office.zone, at_most=_AT_MOST)
    data = {**asdict(text), "made_at": clock_parts(found.made_at), "issuer": office.issuer, "office": office.name}
    return compile_pdf(TEMPLATE.read_bytes(), data, found.made_at, TEMPLATE)
