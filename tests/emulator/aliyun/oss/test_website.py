"""The index page and the error page of a website, and who sees them."""

from __future__ import annotations

from typing import Any

import pytest
from oss2.models import BucketWebsite

from tests.emulator.running import Running, refused

PUBLIC = {"x-oss-object-acl": "public-read"}


def website(oss: Running, index: str = "", error: str = "<Key>error.html</Key>") -> None:
    parts = f"<IndexDocument><Suffix>index.html</Suffix>{index}</IndexDocument><ErrorDocument>{error}</ErrorDocument>"
    body = f"<WebsiteConfiguration>{parts}</WebsiteConfiguration>".encode()
    assert oss.ask("PUT", params={"website": ""}, body=body)[0] == 200


def unsigned(oss: Running, target: str, method: str = "GET") -> tuple[int, bytes]:
    status, _, body = oss.raw(method, f"/photos/{target}")
    return status, body


def test_the_root_of_a_website_is_its_index_page_and_for_its_owner_a_list(oss: Running, bucket: Any) -> None:
    bucket.put_object("index.html", b"welcome", headers=PUBLIC)
    assert unsigned(oss, "")[0] == 403
    bucket.put_bucket_website(BucketWebsite("index.html", "error.html"))
    assert unsigned(oss, "") == (200, b"welcome")
    assert unsigned(oss, "", "HEAD") == (200, b"")
    assert [item.key for item in bucket.list_objects().object_list] == ["index.html"]
    bucket.delete_bucket_website()
    assert unsigned(oss, "")[0] == 403


def test_a_folder_has_the_index_page_of_the_root_or_its_own_where_the_website_says_so(
    oss: Running, bucket: Any
) -> None:
    bucket.put_object("index.html", b"root", headers=PUBLIC)
    bucket.put_object("in/index.html", b"in", headers=PUBLIC)
    website(oss)
    assert unsigned(oss, "in/") == (200, b"root")
    assert bucket.get_object("in/").read() == b"root"
    website(oss, "<SupportSubDir>true</SupportSubDir>")
    assert unsigned(oss, "in/") == (200, b"in")
    assert bucket.get_object("in/").read() == b"in"
    bucket.put_object("in/", b"folder", headers=PUBLIC)
    assert unsigned(oss, "in/") == (200, b"folder")
    assert unsigned(oss, "in/?acl")[0] == 403


@pytest.mark.parametrize(("kind", "status"), [("", 302), ("<Type>0</Type>", 302), ("<Type>1</Type>", 404)])
def test_a_folder_without_its_slash_is_redirected_where_it_has_an_index_page(
    oss: Running, client: Any, kind: str, status: int
) -> None:
    client.put_object("in/index.html", b"in", headers=PUBLIC)
    client.put_object("secret/index.html", b"secret")
    client.put_bucket_acl("public-read")
    client.put_object_acl("secret/index.html", "private")
    website(oss, f"<SupportSubDir>true</SupportSubDir>{kind}")
    answer = oss.raw("GET", "/photos/in")
    assert (answer[0], answer[1].get("Location")) == (status, "/photos/in/" if status == 302 else None)
    assert [unsigned(oss, target)[0] for target in ("secret", "out")] == [404, 404]
    assert refused(client.get_object, "in").code == "NoSuchKey"


def test_a_folder_without_its_slash_may_be_its_index_page(oss: Running, client: Any) -> None:
    client.put_bucket_acl("public-read")
    client.put_object("in/index.html", b"in")
    website(oss, "<SupportSubDir>true</SupportSubDir><Type>2</Type>")
    assert unsigned(oss, "in") == (200, b"in")
    assert unsigned(oss, "out")[0] == 404


def test_who_looks_for_what_is_not_there_gets_the_error_page_and_an_sdk_the_code(oss: Running, bucket: Any) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("error.html", b"sorry")
    website(oss)
    assert unsigned(oss, "none") == (404, b"sorry")
    assert unsigned(oss, "none", "HEAD") == (404, b"")
    assert unsigned(oss, "") == (404, b"sorry")
    assert refused(bucket.get_object, "none").code == "NoSuchKey"
    website(oss, error="<Key>error.html</Key><HttpStatus>200</HttpStatus>")
    assert unsigned(oss, "none") == (200, b"sorry")


def test_a_website_shows_nobody_a_page_that_its_acl_hides(oss: Running, bucket: Any) -> None:
    for key in ("index.html", "in/index.html", "error.html"):
        bucket.put_object(key, b"secret")
    for index in ("", "<SupportSubDir>true</SupportSubDir>", "<SupportSubDir>true</SupportSubDir><Type>2</Type>"):
        website(oss, index)
        assert [unsigned(oss, target)[0] for target in ("", "in/", "in", "none", "none/")] == [403] * 5
    bucket.put_bucket_acl("public-read")
    for key in ("index.html", "in/index.html", "error.html"):
        bucket.put_object_acl(key, "private")
    assert [unsigned(oss, target)[0] for target in ("", "in/")] == [403, 403]
    status, body = unsigned(oss, "none")
    assert (status, b"<Code>NoSuchKey<" in body) == (404, True)


def test_an_archived_error_page_is_not_served(oss: Running, bucket: Any) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("error.html", b"cold", headers={"x-oss-storage-class": "Archive"})
    website(oss)
    assert b"<Code>NoSuchKey<" in unsigned(oss, "none")[1]
