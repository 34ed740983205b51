"""Prints the plan, the findings and the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.conformance import tablestore
from tests.conformance.asking import DIFFERS, HOLDS, NOT_ASKED, Finding
from tests.conformance.running import Need
from tests.conformance.spending import Spending
from tests.conformance.steps import Question

PERMISSIONS = {
    "aliyun": "PutObject, GetObject, DeleteObject and their forms for tags, versions, links and parts; ListObjects,"
    " ListObjectVersions and ListMultipartUploads of the bucket",
    "tencent": "PutObject, GetObject, HeadObject, DeleteObject, PostObjectRestore and their forms for tags, versions,"
    " links and parts; GetBucketObjectVersions and ListMultipartUploads of the bucket",
}


def plan(questions: Sequence[Question], prefix: str, throwaway: str) -> Iterator[str]:
    """Yield the lines that show each request to OSS or COS."""
    for question in questions:
        if question.throwaway and not throwaway:
            yield f"{question.name}: is left out, since it needs --throwaway-bucket. {question.says}"
            continue
        place = f", in {throwaway}" if question.throwaway else ""
        yield f"{question.name}: {question.says} Below {prefix}{question.name}/{place}:"
        for step in question.steps:
            yield f"    {step.shown()}"


def tablestore_plan() -> Iterator[str]:
    yield f"Tablestore: the table {tablestore.TABLE} is created, and removed at the end."
    for question in tablestore.QUESTIONS:
        yield f"{question.name}: {question.says}"
        for name in question.calls:
            yield f"    {name}"


def sums(whole: Need, spending: Spending) -> str:
    return (
        f"At most {whole.requests} requests, with those that clean up, for at most {whole.money:.2f} CNY. The limits"
        f" are {spending.requests} requests and {spending.money} CNY; a question that might pass them is left out."
    )


def finding(found: Finding) -> Iterator[str]:
    why = f" ({found.why})" if found.why else ""
    yield f"{found.verdict:<10}{found.question}: {found.says}{why}"
    for difference in found.differences:
        yield f"    {difference.step}"
        yield f"        {difference.fact}: {_text(difference.real)} in the account, {_text(difference.emulator)} here"


def summary(findings: Sequence[Finding], spending: Spending) -> str:
    counts = Counter(found.verdict for found in findings)
    return (
        f"{counts[HOLDS]} hold, {counts[DIFFERS]} differ, {counts[NOT_ASKED]} could not be asked."
        f" {spending.sent} requests were sent, for at most {spending.spent:.2f} CNY."
    )


def _text(value: str) -> str:
    return repr(value) if value else "nothing"
