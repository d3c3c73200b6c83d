"""All rules on hand-made histories, and what came of one of them."""

from __future__ import annotations

from datetime import datetime

from connector.detect.evaluate import Evaluation, evaluate
from connector.domain.findings import Hit
from connector.domain.history import DocumentHistory, TaskHistory
from tests.builders import at, policy

POLICY = policy()
END = at("2022-02-28", "23:59")


def run(task: TaskHistory | None, documents: list[DocumentHistory], moment: datetime = END) -> Evaluation:
    return evaluate([task] if task else [], documents, POLICY, moment)


def hits(result: Evaluation, rule: str) -> list[Hit]:
    return [hit for hit in result.hits if hit.key.rule.startswith(rule)]


def unknown(result: Evaluation, rule: str) -> list[str]:
    return [one.reason for one in result.not_evaluable if one.rule.startswith(rule)]
