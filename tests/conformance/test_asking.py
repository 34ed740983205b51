"""These tests ask one emulator for another, with and without differences between the two."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from aiohttp import web

from tests.conformance.asking import DIFFERS, HOLDS, NOT_ASKED, ask
from tests.conformance.bench import Bench, Change
from tests.conformance.questions import QUESTIONS
from tests.conformance.running import ask_all
from tests.conformance.steps import Question

CLOUDS = ("aliyun", "tencent")


def of(cloud: str) -> list[Question]:
    return [question for question in QUESTIONS if question.cloud == cloud]


def named(name: str) -> list[Question]:
    return [question for question in QUESTIONS if question.name == name]


def quiet(line: str) -> None: ...


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_emulator_would_differ_from_itself(both: Bench, cloud: str) -> None:
    findings = list(ask_all(of(cloud), both.real(cloud), both.here(cloud), quiet))
    assert len(findings) == len(of(cloud))
    assert [found for found in findings if found.verdict != HOLDS] == []


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_question_would_be_refused_for_its_signature_or_its_form(both: Bench, cloud: str) -> None:
    for question in of(cloud):
        answers = ask(question, both.here(cloud))
        codes = {answer["code"] for answer in answers}
        assert not codes & {"SignatureDoesNotMatch", "InvalidAccessKeyId", "MalformedXML", "InvalidDigest"}
        if not question.throwaway:
            assert answers[0]["status"] in ("200", "404"), question.name


@pytest.mark.parametrize("cloud", CLOUDS)
def test_names_of_buckets_and_secrets_would_be_shown(both: Bench, cloud: str) -> None:
    side = both.here(cloud)
    side.secrets = ("topsecret",)
    for question in of(cloud):
        for answer in ask(question, side):
            for value in answer.values():
                assert side.bucket not in value
                assert side.prefix not in value
    assert side.clean(f"the key topsecret of {side.bucket}") == "the key *** of {bucket}"


def replaced(old: bytes, new: bytes) -> Change:
    """Change the bodies of all answers."""

    def change(request: web.Request, response: web.Response) -> web.Response:
        body = response.body if isinstance(response.body, bytes) else b""
        return with_body(response, body.replace(old, new)) if old in body else response

    return change


def with_body(response: web.Response, body: bytes) -> web.Response:
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return web.Response(status=response.status, headers=headers, body=body)


def header(name: str, new: Callable[[str], str]) -> Change:
    """Change a header of all answers."""

    def change(request: web.Request, response: web.Response) -> web.Response:
        if name in response.headers:
            response.headers[name] = new(response.headers[name])
        return response

    return change


def status(old: int, new: int) -> Change:
    def change(request: web.Request, response: web.Response) -> web.Response:
        if response.status == old:
            response.set_status(new)
        return response

    return change


def other_order(request: web.Request, response: web.Response) -> web.Response:
    """List the keys from the last to the first."""
    body = response.body if isinstance(response.body, bytes) else b""
    contents = re.findall(rb"<Contents>.*?</Contents>", body, re.DOTALL)
    if len(contents) < 2:
        return response
    rest = re.sub(rb"<Contents>.*</Contents>", b"", body, flags=re.DOTALL)
    return with_body(response, rest.replace(b"</Name>", b"</Name>" + b"".join(reversed(contents)), 1))


def fewer_tags(request: web.Request, response: web.Response) -> web.Response:
    """Take no more than nine tags."""
    if (
        request.method == "PUT"
        and request.query_string.startswith("tagging")
        and int(request.headers["Content-Length"]) > 400
    ):
        return web.Response(status=400, body=b"<Error><Code>InvalidTag</Code></Error>")
    return response


def without_checksum(request: web.Request, response: web.Response) -> web.Response:
    for name in ("x-oss-hash-crc64ecma", "x-cos-hash-crc64ecma"):
        response.headers.pop(name, None)
    return response


def one_key_lost(request: web.Request, response: web.Response) -> web.Response:
    body = response.body if isinstance(response.body, bytes) else b""
    return with_body(response, re.sub(rb"<Contents>.*?</Contents>", b"", body, count=1, flags=re.DOTALL))


PLANTED: Mapping[str, tuple[Change, str, str]] = {
    "another code for what is missing": (replaced(b"NoSuchKey", b"NoSuchObject"), "missing", "code"),
    "another code for wrong tags": (replaced(b"InvalidTag<", b"BadRequest<"), "wrong-tags", "code"),
    "another code for what is no link": (replaced(b"NotSymlink", b"NotALink"), "link", "code"),
    "another form of ETags": (header("ETag", str.swapcase), "put", "header ETag"),
    "an ETag without quotation marks": (header("ETag", lambda value: value.strip('"')), "append", "header ETag"),
    "an ETag of parts without their number": (replaced(b'-1"</ETag>', b'"</ETag>'), "parts", "xml ETag"),
    "a checksum that is lost": (without_checksum, "put", "crc64"),
    "another order of lists": (other_order, "list", "xml Contents/Key"),
    "a list without its first object": (one_key_lost, "list", "xml Contents/Key"),
    "a lower limit of tags": (fewer_tags, "tags", "status"),
    "a condition that does nothing": (status(412, 200), "conditions", "status"),
    "a copy with another type": (
        header("Content-Type", lambda value: value.replace("css", "plain")),
        "copy",
        "header Content-Type",
    ),
    "a range that is answered whole": (status(206, 200), "range", "status"),
    "a write that heeds conditions": (status(501, 412), "conditions-of-writes", "status"),
}


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("fault", PLANTED)
def test_a_difference_would_not_be_found(both: Bench, cloud: str, fault: str) -> None:
    change, question, fact = PLANTED[fault]
    both.spoiler.change = change
    name = f"{'oss' if cloud == 'aliyun' else 'cos'}-{question}"
    (found,) = ask_all(named(name), both.real(cloud), both.here(cloud), quiet)
    assert found.verdict == DIFFERS
    assert any(fact in difference.fact for difference in found.differences)
    assert all(difference.real != difference.emulator for difference in found.differences)


def test_a_missing_permission_would_be_taken_for_a_difference(both: Bench) -> None:
    def change(request: web.Request, response: web.Response) -> web.Response:
        if "tagging" in request.query_string:
            return web.Response(status=403, body=b"<Error><Code>AccessDenied</Code></Error>")
        return response

    both.spoiler.change = change
    (found,) = ask_all(named("oss-tags"), both.real("aliyun"), both.here("aliyun"), quiet)
    assert (found.verdict, found.why) == (NOT_ASKED, "the account may not do this (AccessDenied)")


def test_a_service_that_is_busy_would_be_taken_for_a_difference(both: Bench) -> None:
    def change(request: web.Request, response: web.Response) -> web.Response:
        return web.Response(status=503) if request.method == "HEAD" else response

    both.spoiler.change = change
    (found,) = ask_all(named("cos-put"), both.real("tencent"), both.here("tencent"), quiet)
    assert (found.verdict, found.why) == (NOT_ASKED, "the service could not answer (status 503)")


def test_settings_of_a_bucket_would_be_touched_without_a_throwaway_bucket(both: Bench) -> None:
    questions = [question for question in of("tencent") if question.throwaway]
    findings = list(ask_all(questions, both.real("tencent", throwaway=False), both.here("tencent"), quiet))
    assert len(findings) > 2
    assert {found.verdict for found in findings} == {NOT_ASKED}
    assert all("prefix=" in line for line in both.spoiler.arrived)
