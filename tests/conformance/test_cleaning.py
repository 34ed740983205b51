"""These tests show what the program cleans up, after whatever end, and what it never touches."""

from __future__ import annotations

import itertools
import os
import signal
from decimal import Decimal

import pytest
import requests

from tests.conformance import cleaning, running
from tests.conformance.asking import HOLDS, NOT_ASKED, ask
from tests.conformance.bench import PREFIX, Bench, Between, left, run
from tests.conformance.facts import Reply
from tests.conformance.questions import QUESTIONS
from tests.conformance.refusing import Leftovers
from tests.conformance.side import Outside, Side
from tests.conformance.spending import Spending
from tests.conformance.steps import Question
from tests.conformance.stores import Request

OSS = [question for question in QUESTIONS if question.cloud == "aliyun"]
FEW = [question for question in OSS if question.name in ("oss-put", "oss-list", "oss-parts")]


def quiet(line: str) -> None: ...


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_amid_the_questions_would_leave_something_behind(both: Bench, number: int) -> None:
    async def before(count: int) -> None:
        if count == 17:
            os.kill(os.getpid(), number)

    both.spoiler.before = before
    status, said = run(both, "--yes")
    assert status == 130
    assert said.endswith("conformance: stopped")
    assert "Cleaning up." in said
    assert len(both.spoiler.arrived) > 17
    assert left(both) == []


def test_a_failure_amid_the_questions_would_leave_something_behind(both: Bench) -> None:
    real = both.real("aliyun")
    sent = itertools.count(1)

    def before(request: Request) -> Reply | None:
        if next(sent) == 12:
            raise ZeroDivisionError
        return None

    real.store = Between(real.store, before)
    with pytest.raises(ZeroDivisionError):
        list(running.ask_all(OSS, real, both.here("aliyun"), quiet))
    assert left(both) == []


def test_an_emulator_that_ends_too_would_keep_the_account_from_being_cleaned(both: Bench) -> None:
    here = both.here("aliyun")
    sent = itertools.count(1)

    def before(request: Request) -> Reply | None:
        if next(sent) > 12:
            raise requests.ConnectionError
        return None

    here.store = Between(here.store, before)
    with pytest.raises(requests.ConnectionError):
        list(running.ask_all(OSS, both.real("aliyun"), here, quiet))
    assert left(both) == []


def test_a_connection_that_breaks_would_end_the_program(both: Bench) -> None:
    def before(request: Request) -> Reply | None:
        if request.method == "HEAD":
            raise requests.ConnectionError("https://bucket/?Signature=secret")
        return None

    real = both.real("aliyun")
    real.store = Between(real.store, before)
    put, listing, parts = running.ask_all(FEW, real, both.here("aliyun"), quiet)
    assert [found.verdict for found in (put, listing, parts)] == [NOT_ASKED, HOLDS, NOT_ASKED]
    assert put.why == "no answer (ConnectionError)"
    assert left(both) == []


def test_what_a_killed_run_left_would_stay_for_ever(both: Bench) -> None:
    for question in FEW:
        ask(question, both.real("aliyun"))
    ask(Question("oss-parts", "aliyun", "", FEW[-1].steps[:1]), both.real("aliyun"))
    assert len(left(both)) == 8
    status, said = run(both, "--yes")
    assert status == 2
    assert f"{PREFIX} in the bucket conformance is not empty" in said
    assert "--clean-up (CLEAN=1)" in said
    status, said = run(both, "--clean-up")
    assert (status, len(left(both))) == (0, 8)
    assert "It would remove" in said
    assert run(both, "--clean-up", "--yes")[0] == 0
    assert left(both) == []
    assert run(both, "--yes")[0] == 0


def test_an_object_of_somebody_else_would_be_touched(both: Bench) -> None:
    real = both.real("aliyun")
    real.store.send(Request("PUT", real.bucket, f"{PREFIX}mine.txt", {}, {}, b"1"))
    real.store.send(Request("PUT", real.bucket, "elsewhere.txt", {}, {}, b"1"))
    assert run(both, "--yes")[0] == 2
    status, said = run(both, "--clean-up", "--yes")
    assert status == 0
    assert f"stay: {PREFIX}mine.txt" in said
    assert left(both) == [f"{PREFIX}mine.txt"]
    assert all("elsewhere" not in line for line in both.spoiler.arrived[2:])


def test_versions_of_a_bucket_that_keeps_them_would_be_left(both: Bench) -> None:
    real = both.real("aliyun", throwaway=False)
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert real.store.send(Request("PUT", real.bucket, "", {"versioning": ""}, {}, body)).status == 200
    questions = [question for question in OSS if question.name in ("oss-put", "oss-missing", "oss-copy")]
    both.spoiler.arrived.clear()
    list(running.ask_all(questions, real, both.here("aliyun"), quiet))
    assert len(both.spoiler.arrived) <= running.whole(questions, throwaway=False).requests
    assert left(both) == []


def test_what_cannot_be_removed_would_go_unsaid(both: Bench) -> None:
    real = both.real("aliyun")
    real.store = Between(real.store, lambda request: Reply(403, {}, b"") if request.method == "DELETE" else None)
    with pytest.raises(Leftovers, match=r"These are left: try/oss-put/a.txt\. Run the program again with --clean-up"):
        list(running.ask_all(FEW[:1], real, both.here("aliyun"), quiet))


def test_a_second_ctrl_c_would_hide_what_is_left(both: Bench) -> None:
    async def before(count: int) -> None:
        if count == 17 or both.spoiler.arrived[-1].startswith("DELETE"):
            os.kill(os.getpid(), signal.SIGINT)

    both.spoiler.before = before
    status, said = run(both, "--yes")
    assert status == 3
    assert said.endswith("Cleaning up ended early (KeyboardInterrupt). Run the program again with --clean-up.")
    both.spoiler.before = None
    assert run(both, "--clean-up", "--yes")[0] == 0
    assert left(both) == []


@pytest.mark.parametrize(
    "request_",
    [
        Request("PUT", "bucket", "elsewhere/a", {}, {}),
        Request("PUT", "bucket", "try/../a", {}, {}),
        Request("DELETE", "throwaway", "try/./../a", {}, {}),
        Request("DELETE", "bucket", "", {}, {}),
        Request("GET", "bucket", "", {}, {}),
        Request("GET", "bucket", "", {"prefix": "elsewhere/"}, {}),
        Request("GET", "bucket", "", {"prefix": "try/", "policy": ""}, {}),
        Request("PUT", "bucket", "", {"versioning": "", "prefix": "try/"}, {}),
        Request("POST", "bucket", "", {"delete": ""}, {}),
        Request("PUT", "other", "try/a", {}, {}),
        Request("PUT", "throwaway", "elsewhere/a", {}, {}),
        Request("PUT", "bucket", "try/a", {}, {"x-oss-copy-source": "/bucket/elsewhere/a"}),
        Request("PUT", "bucket", "try/a", {}, {"X-Cos-Copy-Source": "other.cos.x.myqcloud.com/try/a"}),
    ],
)
def test_a_request_that_touches_something_else_would_be_sent(both: Bench, request_: Request) -> None:
    real = both.real("aliyun")
    sent = list[Request]()
    spending = Spending(9, Decimal(9))

    def before(request: Request) -> Reply | None:
        sent.append(request)
        return None

    store = Between(real.store, before)
    with pytest.raises(Outside):
        Side(store, "bucket", "try/", "throwaway", (), spending).send(request_)
    assert (sent, spending.sent) == ([], 0)


def test_no_question_would_change_a_bucket_that_is_not_to_be_spoilt() -> None:
    for question in QUESTIONS:
        for step in question.steps:
            if step.key is None and not question.throwaway:
                assert step.method == "GET", question.name
                assert step.query.get("prefix") == "$folder", question.name


def test_a_full_page_of_somebody_else_would_hide_what_is_left(both: Bench) -> None:
    full = b"<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>"
    real = both.real("aliyun")
    real.store = Between(real.store, lambda request: Reply(200, {}, full) if "versions" in request.query else None)
    with pytest.raises(cleaning.CannotList, match="more than a thousand things lie below try/"):
        cleaning.remove(real, {"oss-put/a.txt"})
