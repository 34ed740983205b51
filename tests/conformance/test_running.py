"""These tests run the program: its plan, its limits, what it cleans up, and what it never touches."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Sequence
from decimal import Decimal

import pytest
import requests
from aiohttp import web

from tests.conformance import cleaning, running
from tests.conformance.__main__ import main
from tests.conformance.asking import HOLDS, NOT_ASKED, ask
from tests.conformance.bench import PREFIX, Bench
from tests.conformance.emulated import BUCKETS
from tests.conformance.facts import Reply
from tests.conformance.questions import QUESTIONS
from tests.conformance.refusing import Leftovers
from tests.conformance.side import Outside, Side
from tests.conformance.spending import LimitReached, Spending
from tests.conformance.steps import Question
from tests.conformance.stores import Request

OSS = [question for question in QUESTIONS if question.cloud == "aliyun"]
FEW = [question for question in OSS if question.name in ("oss-put", "oss-list", "oss-parts")]
KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator",
    "TENCENTCLOUD_SECRETID": "emulator",
    "TENCENTCLOUD_SECRETKEY": "emulator",
}


def quiet(line: str) -> None: ...


def arguments(both: Bench, *more: str, cloud: str = "aliyun") -> list[str]:
    region = "cn-hangzhou" if cloud == "aliyun" else "ap-guangzhou"
    to = ["--endpoint", both.account.address, "--cloud", cloud, "--region", region, "--bucket", BUCKETS[cloud][0]]
    return [*to, "--prefix", PREFIX, "--emulator", both.emulator.address, *more]


def run(both: Bench, *more: str, cloud: str = "aliyun") -> tuple[int, str]:
    lines = list[str]()
    status = main(arguments(both, *more, cloud=cloud), KEYS, lines.append)
    return status, "\n".join(lines)


def left(both: Bench, cloud: str = "aliyun") -> list[str]:
    side = both.account.side(cloud, PREFIX, both.stack)
    return [leftover.key for leftover in cleaning.look(side).leftovers]


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


@pytest.mark.story
def test_the_program_would_not_start_an_emulator_by_itself(both: Bench) -> None:
    lines = list[str]()
    argv = arguments(both, "--yes")
    at = argv.index("--emulator")
    assert main([*argv[:at], *argv[at + 2 :]], KEYS, lines.append) in (0, 1)
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
    sent, store = list[Request](), real.store

    class Breaking:
        def send(self, request: Request) -> Reply:
            sent.append(request)
            if len(sent) == 12:
                raise ZeroDivisionError
            return store.send(request)

        def source(self, bucket: str) -> str:
            return store.source(bucket)

        def close(self) -> None: ...

    real.store = Breaking()
    with pytest.raises(ZeroDivisionError):
        list(running.ask_all(OSS, real, both.here("aliyun"), quiet))
    assert left(both) == []


def test_an_emulator_that_ends_too_would_keep_the_account_from_being_cleaned(both: Bench) -> None:
    here = both.here("aliyun")
    sent, store = list[Request](), here.store

    class Ending:
        def send(self, request: Request) -> Reply:
            sent.append(request)
            if len(sent) > 12:
                raise requests.ConnectionError
            return store.send(request)

        def source(self, bucket: str) -> str:
            return store.source(bucket)

        def close(self) -> None: ...

    here.store = Ending()
    with pytest.raises(requests.ConnectionError):
        list(running.ask_all(OSS, both.real("aliyun"), here, quiet))
    assert left(both) == []


def test_a_connection_that_breaks_would_end_the_program(both: Bench) -> None:
    real = both.real("aliyun")
    store = real.store

    class Deaf:
        def send(self, request: Request) -> Reply:
            if request.method == "HEAD":
                raise requests.ConnectionError("https://bucket/?Signature=secret")
            return store.send(request)

        def source(self, bucket: str) -> str:
            return store.source(bucket)

        def close(self) -> None: ...

    real.store = Deaf()
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
    store = real.store

    class Keeping:
        def send(self, request: Request) -> Reply:
            return Reply(403, {}, b"") if request.method == "DELETE" else store.send(request)

        def source(self, bucket: str) -> str:
            return store.source(bucket)

        def close(self) -> None: ...

    real.store = Keeping()
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


@pytest.mark.parametrize("where", ["--endpoint", "--emulator", "--instance"])
def test_an_address_where_nobody_answers_would_end_in_a_traceback(both: Bench, where: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        more = ["--instance-name", "photos-inst"] if where == "--instance" else []
        status, said = run(both, "--yes", where, nobody, *more)
    assert (status, said.rpartition("conformance: no answer from ")[2][:3]) == (2, "Tab" if more else "the")


@pytest.mark.parametrize(
    "request_",
    [
        Request("PUT", "bucket", "elsewhere/a", {}, {}),
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
def test_a_request_that_touches_something_else_would_be_sent(request_: Request) -> None:
    class Silent:
        def send(self, request: Request) -> Reply:
            raise AssertionError("it was sent")

        def source(self, bucket: str) -> str:
            return bucket

        def close(self) -> None: ...

    spending = Spending(9, Decimal(9))
    with pytest.raises(Outside):
        Side(Silent(), "bucket", "try/", "throwaway", (), spending).send(request_)
    assert spending.sent == 0


def test_no_question_would_change_a_bucket_that_is_not_to_be_spoilt() -> None:
    for question in QUESTIONS:
        for step in question.steps:
            if step.key is None and not question.throwaway:
                assert step.method == "GET", question.name
                assert step.query.get("prefix") == "$folder", question.name


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "name a bucket with --endpoint and --bucket"),
        (["--endpoint", "https://oss-cn-hangzhou.aliyuncs.com"], "name the bucket with --bucket"),
        (["--endpoint", "oss-cn-hangzhou.aliyuncs.com", "--bucket", "b"], "--endpoint is an address like"),
        (
            ["--endpoint", "https://key:secret@oss-cn-hangzhou.aliyuncs.com", "--bucket", "b"],
            "--endpoint is an address",
        ),
        (["--endpoint", "https://s3.amazonaws.com", "--bucket", "b"], "is not an address of OSS or COS"),
        (["--endpoint", "http://127.0.0.1:1", "--bucket", "b", "--cloud", "aliyun"], "does not tell the region"),
        (
            ["--endpoint", "https://cos.ap-beijing.myqcloud.com", "--bucket", "b", "--cloud", "aliyun"],
            "is an address of tencent, not of aliyun",
        ),
        (["--endpoint", "https://oss-cn-hangzhou.aliyuncs.com", "--bucket", "b"], "no credentials: set ALIBABA_CLOUD"),
        (["--endpoint", "https://cos.ap-beijing.myqcloud.com", "--bucket", "b"], "no credentials: set TENCENTCLOUD_"),
    ],
)
def test_a_mistake_would_not_be_explained(argv: Sequence[str], said: str) -> None:
    lines = list[str]()
    assert main(argv, {}, lines.append) == 2
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--prefix", ""], "--prefix is a name that ends in a slash"),
        (["--prefix", "a"], "--prefix is a name that ends in a slash"),
        (["--prefix", "../"], "--prefix is a name that ends in a slash"),
        (["--max-cny", "free"], "are numbers from 0"),
        (["--max-cny", "NaN"], "are numbers from 0"),
        (["--max-requests", "-1"], "are numbers from 0"),
        (["--throwaway-bucket", "conformance"], "must be another bucket"),
        (["--instance", "http://127.0.0.1:1"], "name it with --instance-name"),
    ],
)
def test_a_wrong_option_would_be_taken(both: Bench, more: Sequence[str], said: str) -> None:
    status, lines = run(both, *more)
    assert (status, both.spoiler.arrived) == (2, [])
    assert said in lines


def test_a_wrong_secret_would_be_shown_or_end_in_a_traceback(both: Bench) -> None:
    lines = list[str]()
    wrong = {**KEYS, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "nobody-knows-it"}
    assert main(arguments(both, "--yes"), wrong, lines.append) == 2
    assert lines[-1].startswith("conformance: GET ?versions of the bucket conformance was answered with 403")
    assert "nobody-knows-it" not in "".join(lines)
