"""Hotlink protection of OSS: which pages may show the objects of a bucket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from emulator.objectstore import xml
from tests.emulator.running import Running, refused


def denied(oss: Running, target: str, referer: str | None) -> str:
    """Return the EC of the refusal of a read without the header Authorization, or an empty text if it is let in."""
    headers = {} if referer is None else {"Referer": referer}
    status, answered, body = oss.raw("GET", target, headers)
    assert (status, b"denied by bucket referer policy" in body) in ((200, False), (403, True))
    return (answered["x-oss-ec"] or "no EC") if status == 403 else ""


def protect(
    bucket: Any, admitted: Sequence[str], refused: Sequence[str] = (), cut_query: bool = True, cut_path: bool = False
) -> None:
    """Admit no request without a page. oss2 has no class for all of the setting."""
    flags = {"AllowEmptyReferer": False, "AllowTruncateQueryString": cut_query, "TruncatePath": cut_path}
    lists = {"RefererList": admitted, "RefererBlacklist": refused}
    bucket.put_bucket_referer(
        xml.element(
            "RefererConfiguration",
            *(xml.text(name, str(flag).lower()) for name, flag in flags.items()),
            *(xml.element(name, *(xml.text("Referer", page) for page in pages)) for name, pages in lists.items()),
        )
    )


@pytest.fixture
def shown(bucket: Any) -> Any:
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "public-read"})
    return bucket


@pytest.mark.parametrize(
    ("referer", "ec"),
    [
        ("http://www.a.example", ""),
        ("http://www.a.example/page?x=1", ""),
        ("HTTP://WWW.A.EXAMPLE/", ""),
        ("https://www.a.example", "0003-00000503"),
        ("http://x1.b.example/", ""),
        ("http://x12.b.example/", "0003-00000503"),
        ("http://deep.down.c.example/d/e", ""),
        ("http://bad.c.example/", "no EC"),
        ("http://else.example/?http://www.a.example", "0003-00000503"),
        ("", "0003-00000501"),
        (None, "0003-00000501"),
    ],
)
def test_only_listed_pages_show_an_object(oss: Running, shown: Any, referer: str | None, ec: str) -> None:
    lists = ["http://www.a.example", "http://x?.b.example", "http://*.c.example"], ["http://bad.*"]
    protect(shown, *lists, cut_path=True)
    assert denied(oss, "/photos/a", referer) == ec


def test_a_signed_url_is_checked_and_a_signature_in_a_header_is_not(oss: Running, shown: Any) -> None:
    protect(shown, ["http://a.example"])
    url = shown.sign_url("GET", "a", 60).partition(oss.address)[2]
    assert denied(oss, url, "http://b.example") == "0003-00000503"
    assert denied(oss, url, "http://a.example") == ""
    assert shown.get_object("a", headers={"Referer": "http://b.example"}).read() == b"x"
    assert shown.get_object("a").read() == b"x"


def test_without_a_white_list_pages_are_let_in_unless_they_are_on_the_black_list(oss: Running, shown: Any) -> None:
    protect(shown, [], ["*evil.example"])
    assert denied(oss, "/photos/a", "http://www.evil.example/") == "no EC"
    assert denied(oss, "/photos/a", "http://www.good.example/") == ""
    assert denied(oss, "/photos/a", None) == ""


def test_a_query_or_a_path_counts_only_where_it_is_not_cut_off(oss: Running, shown: Any) -> None:
    tricky, query = "http://else.example/www.a.example", "http://else.example?www.a.example"
    for cut_query, cut_path, let_in in ((False, False, [tricky, query]), (True, False, [tricky]), (True, True, [])):
        protect(shown, ["*a.example"], (), cut_query, cut_path)
        assert [page for page in (tricky, query) if not denied(oss, "/photos/a", page)] == let_in


def test_a_flag_that_is_neither_true_nor_false_is_refused(bucket: Any) -> None:
    wrong = "<RefererConfiguration><AllowEmptyReferer>{}</AllowEmptyReferer>{}</RefererConfiguration>"
    for document in (wrong.format("maybe", ""), wrong.format("true", "<TruncatePath>maybe</TruncatePath>")):
        assert refused(bucket.put_bucket_referer, document).code == "MalformedXML"


def test_a_pattern_of_many_wildcards_costs_no_more_than_its_length(oss: Running, shown: Any) -> None:
    protect(shown, ["*a" * 5000 + "b"])
    assert denied(oss, "/photos/a", "a" * 8000) == "0003-00000503"
