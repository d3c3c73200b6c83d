"""Wires what people do with findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.bootstrap import App
from connector.detect.dossier import Dossier
from connector.domain.finding_life import Waiver
from connector.domain.findings import Finding
from connector.errors import UsageProblem
from connector.jobs import findings
from connector.jobs.dossier import dossier
from connector.jobs.findings import FindingLife

SCOPES = ("finding", "subject", "agency")


@dataclass(frozen=True)
class FindingApp:
    """``listed``, ``life``, ``dossier`` read; the others change findings and never run beside a detection."""

    app: App

    def listed(
        self, *, states: Collection[str] = (), rule: str = "", agency: str = "", subject_id: str = ""
    ) -> list[Finding]:
        return findings.listed(self.app.reading(), states=states, rule=rule, agency=agency, subject_id=subject_id)

    def life(self, finding_id: int) -> FindingLife:
        return findings.life(self.app.reading(), finding_id)

    def acknowledge(self, ids: Iterable[int], *, reason: str, actor: str) -> list[Finding]:
        with self.app.alone("detect"):
            return findings.acknowledge(self.app.uow(), self.app.clock, ids, reason=reason, actor=actor)

    def waive(
        self, finding_id: int, *, scope: str, until: date, reason: str, actor: str
    ) -> tuple[Waiver, list[Finding]]:
        if scope not in SCOPES:
            raise UsageProblem(f"no such scope: {scope}", argument=f"--scope {scope}", expected=", ".join(SCOPES))
        with self.app.alone("detect"):
            return findings.waive(
                self.app.uow(), self.app.clock, finding_id, scope=scope, until=until, reason=reason, actor=actor
            )

    def end_waivers(self, finding_id: int, *, actor: str) -> list[Finding]:
        with self.app.alone("detect"):
            return findings.end_waivers(self.app.uow(), self.app.clock, finding_id, actor=actor)

    def dossier(self, finding_id: int) -> Dossier:
        return dossier(self.app.uow(), self.app.clock, self.app.policy, finding_id)

    def write_pdf(self, found: Dossier, file: Path) -> None:
        """The dossier on one page; replaces the file as a whole. Raises UsageProblem for a place that cannot be written
        to."""
        from connector.report.dossier_pdf import render_dossier
        from connector.report.writer import replace_file

        content = render_dossier(found, self.app.settings.office)
        try:
            replace_file(file, content)
        except OSError as error:
            raise UsageProblem(
                f"{file}: {error.strerror or error}", argument=f"--pdf {file}", expected="một tệp ở thư mục ghi được"
            ) from error
