"""These tests run the program: its plan, its limits, its findings and its status."""

from __future__ import annotations

from decimal import Decimal

import pytest
from aiohttp import web

from tests.conformance import running
from tests.conformance.__main__ import main
from tests.conformance.asking import HOLDS, NOT_ASKED
from tests.conformance.bench import ENVIRONMENT, PREFIX, Bench, arguments, left, run
from tests.conformance.emulated import BUCKETS
from tests.conformance.questions import QUESTIONS
from tests.conformance.spending import LimitReached, Spending

OSS = [question for question in QUESTIONS if question.cloud == "aliyun"]
FEW = [question for question in OSS if question.name in ("oss-put", "oss-list", "oss-parts")]


def quiet(line: str) -> None: ...


def test_something_would_be_sent_before_anybody_said_yes(both: Bench) -> None:
    status, said = run(both)
    assert (status, both.spoiler.arrived) == (0, [])
    for question in OSS:
        assert question.name in said
    assert f"Below {PREFIX}oss-wrong-tags/" in said
    assert "PUT a.txt?tagging" in said
    assert f"At most {running.whole(OSS, throwaway=False).requests} requests, with those that clean up" in said
    assert "Nothing was sent" in said


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_the_program_would_not_run_to_its_end_or_leave_something_behind(both: Bench, cloud: str) -> None:
    status, said = run(both, "--yes", "--throwaway-bucket", BUCKETS[cloud][1], cloud=cloud)
    count = sum(question.cloud == cloud for question in QUESTIONS)
    assert status == 0, said
    assert f"{count} hold, 0 differ, 0 could not be asked. {len(both.spoiler.arrived)} requests were sent" in said
    assert left(both, cloud) == []


def test_the_program_would_not_start_an_emulator_by_itself(both: Bench) -> None:
    lines = list[str]()
    argv = arguments(both, "--yes")
    at = argv.index("--emulator")
    assert main([*argv[:at], *argv[at + 2 :]], ENVIRONMENT, lines.append) in (0, 1)
    assert "holds     oss-list: The order of a list, and what a delimiter gathers." in lines
    assert left(both) == []


def test_a_difference_would_not_show_in_output_and_status(both: Bench) -> None:
    def change(request: web.Request, response: web.Response) -> web.Response:
        response.headers["ETag"] = '"other"'
        return response

    both.spoiler.change = change
    status, said = run(both, "--yes")
    assert status == 1
    assert "differs   oss-append: The ETag of an object that grew." in said
    assert "header ETag: '\"other\"' in the account, '\"96E024BA2074FE77E8E965BA43A704BE\"' here" in said
    assert left(both) == []


def test_more_would_be_sent_than_the_plan_says(both: Bench) -> None:
    for cloud in BUCKETS:
        questions = [question for question in QUESTIONS if question.cloud == cloud]
        real = both.real(cloud)
        list(running.ask_all(questions, real, both.here(cloud), quiet))
        whole = running.whole(questions, throwaway=True)
        assert real.spending is not None
        assert len(both.spoiler.arrived) == real.spending.sent <= whole.requests
        assert real.spending.spent <= whole.money


@pytest.mark.parametrize(("short", "holding"), [(0, 3), (1, 2), (20, 1)])
def test_the_limit_of_requests_would_be_passed(both: Bench, short: int, holding: int) -> None:
    limit = running.whole(FEW, throwaway=False).requests - short
    findings = list(running.ask_all(FEW, both.real("aliyun", limit, throwaway=False), both.here("aliyun"), quiet))
    assert len(both.spoiler.arrived) <= limit
    assert [found.verdict for found in findings] == [HOLDS] * holding + [NOT_ASKED] * (3 - holding)
    assert left(both) == []


def test_the_limit_of_money_would_be_passed(both: Bench) -> None:
    money = running.whole(FEW, throwaway=False).money
    real = both.real("aliyun", money=str(money - Decimal("0.0001")), throwaway=False)
    findings = list(running.ask_all(FEW, real, both.here("aliyun"), quiet))
    assert [found.verdict for found in findings] == [HOLDS, HOLDS, NOT_ASKED]
    assert findings[2].why == "the spending limit would be passed"
    assert left(both) == []


def test_a_limit_that_allows_nothing_would_send_something(both: Bench) -> None:
    status, said = run(both, "--yes", "--max-requests", "3")
    assert (status, both.spoiler.arrived) == (2, [])
    assert "conformance: the limits are too low" in said


def test_the_last_request_that_a_limit_allows_would_not_be_the_last() -> None:
    spending = Spending(2, Decimal("1"))
    spending.take(Decimal("0.5"))
    spending.take(Decimal("0.5"))
    with pytest.raises(LimitReached, match="2 requests and 1 CNY"):
        spending.take(Decimal(0))
    assert (spending.sent, spending.spent) == (2, Decimal("1.0"))
    with pytest.raises(LimitReached):
        Spending(9, Decimal("0.4")).take(Decimal("0.5"))
