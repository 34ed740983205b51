"""Which signatures OSS accepts: in headers and URLs, of both versions, with temporary keys, and every wrong one."""

from __future__ import annotations

import hashlib
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import oss2
import pytest

from emulator.aliyun.oss import signing
from emulator.core.parts import Key
from tests.emulator.running import ROOT, Running, refused, running_oss, sdk_clock

VERSIONS = ("v1", "v4")
ODD = "照/a b+c%25&=?\n.jpg"


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def split(oss: Running, url: str) -> str:
    return url.removeprefix(oss.endpoint)


def signed_headers(
    oss: Running, version: str, method: str, key: str, signed_region: str = "cn-hangzhou", **headers: str
) -> tuple[str, dict[str, str]]:
    """Return the target and the signed headers that the SDK would send, so that a test can change them."""
    bucket = oss.bucket(version=version)
    request = oss2.http.Request(
        method, bucket._make_url("photos", key), headers=headers, region=signed_region, product="oss"
    )
    bucket.auth._sign_request(request, "photos", key)
    return split(oss, request.url), {name: value for name, value in request.headers.items() if value is not None}


def code(body: bytes) -> str:
    return body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


def test_a_signed_request_is_let_in(bucket: Any) -> None:
    assert bucket.put_object(ODD, b"x").status == 200
    assert bucket.get_object(ODD).read() == b"x"


def test_without_a_signature_nothing_is_given(oss: Running) -> None:
    oss.bucket().put_object("a", b"x")
    for target in ("/photos/a", "/photos", "/", "/photos/a?x-oss-process=image%2Flabels"):
        status, headers, body = oss.raw("GET", target)
        assert (status, code(body)) == (403, "AccessDenied")
        assert b"You have no right to access this object because of bucket acl." in body
        assert headers["x-oss-ec"] == "0003-00000001"
    assert oss.raw("PUT", "/photos/a", body=b"theirs")[0] == 403
    assert oss.bucket().get_object("a").read() == b"x"


@pytest.mark.parametrize("target", ["/missing/a", "/missing", "/missing/a?x-oss-process=image%2Finfo"])
def test_a_bucket_that_does_not_exist_would_look_like_a_private_one_to_a_request_without_a_signature(
    oss: Running, target: str
) -> None:
    status, _, body = oss.raw("GET", target)
    assert (status, code(body)) == (404, "NoSuchBucket")
    assert oss.raw("PUT", "/missing/a", body=b"x")[0] == 404
    assert code(oss.raw("PUT", "/missing")[2]) == "AccessDenied"


def test_what_is_signed_for_cos_would_be_refused_as_if_nobody_had_signed_it(oss: Running) -> None:
    query = "q-sign-algorithm=sha1&q-ak=emulator&q-signature=0"
    for target in ("/photos/a", "/a", "/missing/a"):
        status, _, body = oss.raw("GET", f"{target}?{query}")
        assert (status, code(body)) == (403, "AccessDenied")
        assert b"This URL is signed for COS: sign it for the host name of COS" in body
    status, _, body = oss.raw("GET", "/photos/a", {"Authorization": query})
    assert (status, code(body)) == (400, "InvalidArgument")
    assert b"This request is signed for COS" in body


def test_an_unknown_key_id_is_named_and_refused(oss: Running, version: str) -> None:
    error = refused(oss.bucket(version=version, key=Key("nobody", "emulator")).get_object, "a")
    assert (error.status, error.code, error.ec) == (403, "InvalidAccessKeyId", "0002-00000902")
    assert error.details["OSSAccessKeyId"] == "nobody"


def test_a_wrong_secret_is_refused(oss: Running, version: str) -> None:
    error = refused(oss.bucket(version=version, key=Key("emulator", "guess")).put_object, "a", b"x")
    assert (error.status, error.code, error.ec) == (403, "SignatureDoesNotMatch", "0002-00000040")
    assert "StringToSign" in error.details
    assert oss.store.object("photos", "a") is None


def test_a_refused_head_says_why_in_its_header(oss: Running, version: str) -> None:
    error = refused(oss.bucket(version=version, key=Key("emulator", "guess")).head_object, "a")
    assert (error.status, error.code) == (403, "SignatureDoesNotMatch")


def test_another_root_key_can_be_set(tmp_path: Path, version: str) -> None:
    mine = Key("mine", "s3cret/+")
    with running_oss(tmp_path, root=mine) as oss:
        oss.bucket(version=version, key=mine).create_bucket()
        assert refused(oss.bucket(version=version, key=ROOT).get_bucket_info).code == "InvalidAccessKeyId"


@pytest.mark.parametrize("offset", [-910, 910])
def test_a_date_more_than_a_quarter_of_an_hour_off_is_refused(oss: Running, version: str, offset: int) -> None:
    oss.bucket().put_object("a", b"x")
    with sdk_clock(offset):
        error = refused(oss.bucket(version=version).get_object, "a")
    assert (error.status, error.code, error.ec) == (403, "RequestTimeTooSkewed", "0002-00000504")
    assert error.message == "The difference between the request time and the current time is too large."


@pytest.mark.parametrize("offset", [-890, -10, 10, 890])
def test_a_date_within_a_quarter_of_an_hour_is_fine(oss: Running, version: str, offset: int) -> None:
    oss.bucket().put_object("a", b"x")
    with sdk_clock(offset):
        assert oss.bucket(version=version).get_object("a").read() == b"x"


def test_the_date_that_counts_in_v1_is_x_oss_date(oss: Running) -> None:
    stale = {"x-oss-date": formatdate(time.time() - 1000, usegmt=True)}
    assert refused(oss.bucket().list_objects, headers=stale).code == "RequestTimeTooSkewed"


@pytest.mark.parametrize("date", ["yesterday", ""])
def test_a_date_that_is_none_is_refused(oss: Running, date: str) -> None:
    status, _, body = oss.raw("GET", "/photos/a", {"Authorization": "OSS emulator:x", "Date": date})
    assert (status, code(body)) == (403, "AccessDenied")
    assert b"requires a valid Date" in body


def test_what_was_altered_after_signing_is_refused(oss: Running, version: str) -> None:
    oss.bucket().put_object("a", b"x")
    oss.bucket().put_object("b", b"y")
    target, headers = signed_headers(oss, version, "GET", "a", **{"x-oss-range-behavior": "standard"})
    assert oss.raw("GET", target, headers)[0] == 200
    tampered: list[tuple[str, str, dict[str, str]]] = [
        ("GET", target.replace("/a", "/b"), headers),
        ("DELETE", target, headers),
        ("GET", target + "?acl", headers),
        ("GET", target, headers | {"x-oss-range-behavior": "other"}),
        ("GET", target, headers | {"x-oss-extra": "1"}),
        ("GET", target, headers | {"Content-Type": "image/png"}),
        ("GET", target, headers | {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}),
    ]
    for method, changed, its in tampered:
        status, _, body = oss.raw(method, changed, its)
        assert (status, code(body)) == (403, "SignatureDoesNotMatch"), (method, changed, its)


def test_any_query_parameter_is_signed_in_v4(oss: Running) -> None:
    target, headers = signed_headers(oss, "v4", "GET", "a")
    assert code(oss.raw("GET", target + "?whatever=1", headers)[2]) == "SignatureDoesNotMatch"


def test_a_signature_that_is_nearly_right_is_refused(oss: Running, version: str) -> None:
    target, headers = signed_headers(oss, version, "GET", "a")
    authorization = headers["authorization"]
    for wrong in (authorization[:-1], authorization + "=", authorization[:-2] + "AA", authorization[:-1] + "\u00e9"):
        status, _, body = oss.raw("GET", target, headers | {"authorization": wrong.encode().decode("latin-1")})
        assert (status, code(body)) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("authorization", ["Basic eDp5", "OSS emulator", "OSS4-HMAC-SHA256 Credential=a", "OSS"])
def test_an_authorization_that_is_none_is_an_invalid_argument(oss: Running, authorization: str) -> None:
    status, _, body = oss.raw("GET", "/photos/a", {"Authorization": authorization})
    assert (status, code(body)) == (400, "InvalidArgument")


def test_signature_version_2_is_not_pretended(oss: Running) -> None:
    error = refused(oss.bucket(version="v2").get_object, "a")
    assert (error.status, error.code) == (501, "NotImplemented")
    assert "signature version 2" in error.message
    url = oss.bucket(version="v2").sign_url("GET", "a", 60)
    assert oss.raw("GET", split(oss, url))[0] == 501


def test_v4_for_another_region_is_refused_and_told_the_right_one(oss: Running) -> None:
    error = refused(oss.bucket(version="v4", region="cn-beijing").head_object, "a")
    assert (error.status, error.code, error.ec) == (400, "InvalidArgument", "0002-00000226")
    assert error.message == "Invalid signing region in Authorization header."
    assert error.details["Region"] == "cn-hangzhou"
    status, _, body = oss.raw("GET", split(oss, oss.bucket(version="v4", region="cn-beijing").sign_url("GET", "a", 60)))
    assert (status, code(body)) == (400, "InvalidArgument")
    assert b"The signing region in credential is invalid." in body


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/oss/", "/ots/", "scope"),
        ("aliyun_v4_request", "other", "scope"),
        ("Credential=emulator/2", "Credential=emulator/1", "date"),
    ],
)
def test_a_v4_scope_that_is_not_ours_is_refused(oss: Running, old: str, new: str, said: str) -> None:
    target, headers = signed_headers(oss, "v4", "GET", "a")
    changed = headers["authorization"].replace(old, new)
    assert changed != headers["authorization"]
    status, _, body = oss.raw("GET", target, headers | {"authorization": changed})
    assert (status, code(body)) == (400, "InvalidArgument")
    assert f"Invalid signing {said}".encode() in body


def test_v4_signs_the_additional_headers_it_names(oss: Running) -> None:
    bucket = oss.bucket(version="v4")
    bucket.put_object("a", b"0123456789")
    url = bucket.sign_url("GET", "a", 60, headers={"Range": "bytes=2-3"}, additional_headers={"range"})
    assert oss.raw("GET", split(oss, url), {"Range": "bytes=2-3"})[2] == b"23"
    assert code(oss.raw("GET", split(oss, url), {"Range": "bytes=2-4"})[2]) == "SignatureDoesNotMatch"
    assert code(oss.raw("GET", split(oss, url))[2]) == "SignatureDoesNotMatch"


def test_a_presigned_url_reads_and_writes(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version)
    url = bucket.sign_url("PUT", ODD, 60, headers={"Content-Type": "image/jpeg"})
    assert oss.raw("PUT", split(oss, url), {"Content-Type": "image/jpeg"}, b"x")[0] == 200
    for slash_safe in (True, False):
        url = bucket.sign_url("GET", ODD, 60, slash_safe=slash_safe)
        assert oss.raw("GET", split(oss, url))[2] == b"x"


def test_a_presigned_url_is_good_for_its_method_and_key_only(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version)
    bucket.put_object("a", b"x")
    target = split(oss, bucket.sign_url("GET", "a", 60))
    for method, changed in (("DELETE", target), ("GET", target.replace("/a?", "/b?")), ("GET", target + "&acl")):
        assert code(oss.raw(method, changed)[2]) == "SignatureDoesNotMatch"
    assert oss.store.object("photos", "a") is not None


def test_an_expired_url_is_refused_and_told_both_times(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version)
    bucket.put_object("a", b"x")
    with sdk_clock(-100):
        url = bucket.sign_url("GET", "a", 99)
    status, _, body = oss.raw("GET", split(oss, url))
    assert (status, code(body)) == (403, "AccessDenied")
    assert b"<Message>Request has expired.</Message><RequestId>" in body
    assert b"<Expires>20" in body
    assert b"<ServerTime>20" in body


def test_a_url_is_good_until_the_moment_it_names(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version)
    bucket.put_object("a", b"x")
    with sdk_clock(-100):
        url = bucket.sign_url("GET", "a", 110)
    assert oss.raw("GET", split(oss, url))[0] == 200


def test_the_expiry_cannot_be_stretched(oss: Running, version: str) -> None:
    target = split(oss, oss.bucket(version=version).sign_url("GET", "a", 60))
    name = "Expires=" if version == "v1" else "x-oss-expires="
    before, _, rest = target.partition(name)
    _, ampersand, tail = rest.partition("&")
    later = str(int(time.time()) + 9999) if version == "v1" else "9999"
    assert code(oss.raw("GET", f"{before}{name}{later}{ampersand}{tail}")[2]) == "SignatureDoesNotMatch"


def test_a_v4_url_from_the_future_is_refused(oss: Running) -> None:
    with sdk_clock(1000):
        url = oss.bucket(version="v4").sign_url("GET", "a", 60)
    status, headers, _ = oss.raw("GET", split(oss, url))
    assert (status, headers["x-oss-ec"]) == (403, "0002-00000235")


@pytest.mark.parametrize("expires", ["abc", "", "0", "604801", "-1"])
def test_a_v4_url_must_say_how_long_in_range(oss: Running, expires: str) -> None:
    query = {
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": "emulator/20260101/cn-hangzhou/oss/aliyun_v4_request",
        "x-oss-date": "20260101T000000Z",
        "x-oss-expires": expires,
        "x-oss-signature": "00",
    }
    status, _, body = oss.raw("GET", "/photos/a?" + urlencode(query))
    assert (status, code(body)) == (400, "InvalidArgument")


def test_a_v1_url_with_an_expiry_that_is_no_number_is_refused(oss: Running) -> None:
    status, headers, _ = oss.raw("GET", "/photos/a?OSSAccessKeyId=emulator&Expires=abc&Signature=x")
    assert (status, headers["x-oss-ec"]) == (403, "0002-00000070")


@pytest.mark.parametrize(
    "query", ["OSSAccessKeyId=emulator&Signature=x", "Signature=x", "OSSAccessKeyId=emulator&Expires=1"]
)
def test_half_a_signed_url_is_refused(oss: Running, query: str) -> None:
    assert oss.raw("GET", f"/photos/a?{query}")[0] == 403


def test_a_temporary_key_with_its_token_is_let_in(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version, key=oss.keyring.issue(60))
    bucket.put_object(ODD, b"x")
    assert oss.raw("GET", split(oss, bucket.sign_url("GET", ODD, 60)))[2] == b"x"


def test_a_temporary_key_without_its_token_is_not_known(oss: Running, version: str) -> None:
    key = oss.keyring.issue(60)
    bucket = oss.bucket(version=version, key=Key(key.id, key.secret))
    assert refused(bucket.get_object, "a").code == "InvalidAccessKeyId"
    assert code(oss.raw("GET", split(oss, bucket.sign_url("GET", "a", 60)))[2]) == "InvalidAccessKeyId"


def test_a_temporary_key_with_another_token_is_refused(oss: Running, version: str) -> None:
    key, other = oss.keyring.issue(60), oss.keyring.issue(60)
    bucket = oss.bucket(version=version, key=Key(key.id, key.secret, other.token))
    error = refused(bucket.get_object, "a")
    assert (error.status, error.code) == (403, "InvalidSecurityToken")
    assert code(oss.raw("GET", split(oss, bucket.sign_url("GET", "a", 60)))[2]) == "InvalidSecurityToken"


def test_the_root_key_with_a_token_is_not_known(oss: Running, version: str) -> None:
    error = refused(oss.bucket(version=version, key=Key(ROOT.id, ROOT.secret, "token")).get_object, "a")
    assert (error.code, error.ec) == ("InvalidAccessKeyId", "0002-00000002")


def test_an_expired_temporary_key_is_told_so_in_header_and_url(oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version, key=oss.keyring.issue(-1))
    error = refused(bucket.get_object, "a")
    assert (error.status, error.code) == (403, "SecurityTokenExpired")
    assert code(oss.raw("GET", split(oss, bucket.sign_url("GET", "a", 60)))[2]) == "SecurityTokenExpired"


def test_a_host_name_may_bring_the_bucket_and_the_signature_holds(oss: Running, version: str) -> None:
    oss.bucket().put_object("dir/a", b"x")
    _, headers = signed_headers(oss, version, "GET", "dir/a")
    host = {"Host": f"photos.localhost:{oss.server.port}"}
    assert oss.raw("GET", "/dir%2Fa", headers | host)[2] == b"x"
    assert oss.raw("GET", "/dir/a", headers | host)[2] == b"x"


def test_v1_signs_every_parameter_that_chooses_an_operation_in_the_sdk() -> None:
    assert oss2.auth.ProviderAuth._subresource_key_set == signing.SUBRESOURCES


@pytest.mark.parametrize("name", sorted(signing.NEWER))
@pytest.mark.parametrize("signs_it", [True, False])
def test_v1_lets_in_clients_that_sign_newer_parameters_and_those_that_do_not(
    oss: Running, name: str, signs_it: bool
) -> None:
    known = oss2.auth.ProviderAuth._subresource_key_set
    with patch.object(oss2.auth.ProviderAuth, "_subresource_key_set", known | {name} if signs_it else known):
        status, _, body = oss.ask("GET", params={name: ""}, version="v1")
    assert status != 403
    assert code(body) != "SignatureDoesNotMatch"


def test_v1_refuses_a_newer_parameter_under_another_signature(oss: Running) -> None:
    target, headers = signed_headers(oss, "v1", "GET", "a")
    wrong = headers | {"authorization": f"OSS {ROOT.id}:wrong"}
    assert code(oss.raw("GET", f"{target}?cloudboxes", wrong)[2]) == "SignatureDoesNotMatch"


def with_date_alone(oss: Running, at: float, secret: str = ROOT.secret) -> dict[str, str]:
    """Return the headers of a GET that is signed in the way of ossutil: over the text of Date, without x-oss-date."""
    day, date = time.strftime("%Y%m%d", time.gmtime(at)), formatdate(at, usegmt=True)
    scope = f"{day}/cn-hangzhou/oss/aliyun_v4_request"
    request = f"GET\n/photos/a\n\nx-oss-content-sha256:{signing.UNSIGNED}\n\n\n{signing.UNSIGNED}"
    text = "\n".join([signing.V4, date, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = signing.v4_signature(secret, scope, text.encode())
    return {
        "Date": date,
        "x-oss-content-sha256": signing.UNSIGNED,
        "Authorization": f"{signing.V4} Credential={ROOT.id}/{scope},Signature={signature}",
    }


def test_v4_with_a_date_header_alone_is_let_in(oss: Running) -> None:
    oss.bucket().put_object("a", b"x")
    assert oss.raw("GET", "/photos/a", with_date_alone(oss, time.time()))[::2] == (200, b"x")


def test_v4_with_a_date_header_alone_is_held_to_its_date_and_its_signature(oss: Running) -> None:
    oss.bucket().put_object("a", b"x")
    assert code(oss.raw("GET", "/photos/a", with_date_alone(oss, time.time() - 1000))[2]) == "RequestTimeTooSkewed"
    wrong = with_date_alone(oss, time.time(), "guess")
    assert code(oss.raw("GET", "/photos/a", wrong)[2]) == "SignatureDoesNotMatch"
    other = with_date_alone(oss, time.time()) | {"Date": formatdate(time.time() + 60, usegmt=True)}
    assert code(oss.raw("GET", "/photos/a", other)[2]) == "SignatureDoesNotMatch"


def v4_headers(oss: Running, query: str, secret: str = ROOT.secret) -> dict[str, str]:
    """Return the headers of a GET of the bucket that signs the query as it is written here."""
    at = time.time()
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    scope = f"{date[:8]}/cn-hangzhou/oss/aliyun_v4_request"
    ours = {"x-oss-content-sha256": signing.UNSIGNED, "x-oss-date": date}
    signed = "".join(f"{name}:{value}\n" for name, value in ours.items())
    request = f"GET\n/photos/\n{query}\n{signed}\n\n{signing.UNSIGNED}"
    text = signing.v4_text(request.encode(), date, scope)
    signature = signing.v4_signature(secret, scope, text)
    return ours | {"Authorization": f"{signing.V4} Credential={ROOT.id}/{scope},Signature={signature}"}


@pytest.mark.parametrize("signed", ["delimiter&prefix&versions", "delimiter=&prefix=&versions"])
def test_v4_takes_an_empty_parameter_in_either_form_that_the_vendors_clients_sign(oss: Running, signed: str) -> None:
    """Most sign the name alone. The SDK for Node signs it so for subresources only."""
    target = "/photos/?versions=&prefix=&delimiter="
    assert oss.raw("GET", target, v4_headers(oss, signed))[0] == 200
    assert code(oss.raw("GET", target, v4_headers(oss, signed, "guess"))[2]) == "SignatureDoesNotMatch"
    assert code(oss.raw("GET", target + "x", v4_headers(oss, signed))[2]) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "name", ["oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou-internal.aliyuncs.com", "OSS-cn-hangzhou.aliyuncs.com:80"]
)
def test_the_services_own_host_names_bring_the_bucket_and_the_signature_holds(
    oss: Running, version: str, name: str
) -> None:
    oss.bucket().put_object("dir/a", b"x")
    target, headers = signed_headers(oss, version, "GET", "dir/a")
    assert oss.raw("GET", "/dir%2Fa", headers | {"Host": f"photos.{name}"})[2] == b"x"
    assert oss.raw("GET", target, headers | {"Host": name})[2] == b"x"
    assert oss.raw("GET", target, headers | {"Host": f".{name}"})[2] == b"x"


@pytest.mark.parametrize("name", ["photos.oss-cn-hangzhou.aliyuncs.com.evil.example", "photos.oss-.aliyuncs.com"])
def test_what_only_looks_like_the_services_host_name_gets_nothing(oss: Running, name: str) -> None:
    status, _, body = oss.raw("GET", "/a", {"Host": name})
    assert (status, b"The emulator answers to" in body) == (403, True)


def test_a_bucket_asked_for_in_another_region_is_refused_and_told_its_own(oss: Running, version: str) -> None:
    _, headers = signed_headers(oss, version, "GET", "a", "cn-beijing")
    status, answered, body = oss.raw("GET", "/a", headers | {"Host": "photos.oss-cn-beijing.aliyuncs.com"})
    assert (status, code(body), answered["x-oss-ec"]) == (403, "AccessDenied", "0003-00001403")
    assert b"<Endpoint>oss-cn-hangzhou.aliyuncs.com</Endpoint>" in body


@pytest.mark.parametrize("operation", ["list_objects", "get_bucket_info", "get_bucket_acl"])
def test_who_reads_from_no_bucket_with_no_key_is_told_of_the_bucket(oss: Running, version: str, operation: str) -> None:
    nobody = Key("nobody", "x")
    error = refused(getattr(oss.bucket("no-such", version, nobody), operation))
    assert (error.status, error.code) == (404, "NoSuchBucket")
    assert refused(oss.bucket("no-such", version, nobody).head_object, "a").code == "NoSuchBucket"
    assert refused(getattr(oss.bucket("photos", version, nobody), operation)).code == "InvalidAccessKeyId"
    for write in ("create_bucket", "delete_bucket"):
        assert refused(getattr(oss.bucket("no-such", version, nobody), write)).code == "InvalidAccessKeyId"
