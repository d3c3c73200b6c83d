"""Does a rule conclude from its examples what they say it must? Pure."""

from __future__ import annotations

from dataclasses import replace

from connector.detect.evaluate import evaluate
from connector.domain.examples import ASSIGNER, ISSUER, Example, Verdict
from connector.domain.findings import Hit
from connector.domain.policy import Policy
from connector.domain.wording import day_text

VERDICTS = {Verdict.FINDING: "có phát hiện", Verdict.NONE: "không có phát hiện", Verdict.UNKNOWN: "không đánh giá được"}


def check_example(example: Example, policy: Policy) -> str:
    """What is concluded instead, in Vietnamese; "" if it is what the example expects."""
    office = replace(policy, counted_assigners=(ASSIGNER,), issuer=ISSUER)
    found = evaluate(example.tasks, example.documents, office, example.at)
    hits = [hit for hit in found.hits if hit.key.rule == example.rule]
    unknown = [one for one in found.not_evaluable if one.rule == example.rule]
    verdict = Verdict.FINDING if hits else Verdict.UNKNOWN if unknown else Verdict.NONE
    if verdict is not example.expect:
        why = hits[0].reason if hits else unknown[0].reason if unknown else ""
        return f"phải là: {VERDICTS[example.expect]}; kết luận: {VERDICTS[verdict]}" + (f" ({why})" if why else "")
    if hits and not any(_as_expected(hit, example) for hit in hits):
        return "phát hiện khác mong đợi: " + "; ".join(map(_described, hits))
    return ""


def _as_expected(hit: Hit, example: Example) -> bool:
    pairs = (
        (example.on, hit.breached_on),
        (example.agency, hit.key.agency),
        (example.band, hit.key.band),
    )
    return all(expected is None or expected == actual for expected, actual in pairs)


def _described(hit: Hit) -> str:
    band = f", mốc {hit.key.band}" if hit.key.band else ""
    return f"ngày {day_text(hit.breached_on)}, cơ quan {hit.key.agency}{band}"
