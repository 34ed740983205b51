"""A mistake of a client is answered as a mistake, never with an internal error or a traceback.

The inputs are mutations of good ones with a fixed seed. They are signed, so that the gate lets them in.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.values import Bound, Cell, Row
from tests.emulator import forms
from tests.emulator.aliyun.imm.running import running_imm
from tests.emulator.aliyun.imm.test_auth import by_hand
from tests.emulator.aliyun.smq.running import by_hand as by_hand_of_smq
from tests.emulator.aliyun.smq.running import failing
from tests.emulator.aliyun.tablestore.test_auth import signed
from tests.emulator.invoking import running_functions
from tests.emulator.running import COS_BUCKET, Running, running_cos, running_oss, running_tablestore

pytestmark = pytest.mark.story

INPUTS = 300
ODD = (
    "",
    "\x00",
    "\x01",
    "狗",
    "\ufffe",
    "-1",
    "0",
    "1e999",
    "9" * 40,
    "٣",
    "%",
    "%zz",
    "a" * 2000,
    "../..",
    "\u2028",
    "null",
)
PARAMS = (
    *("acl", "tagging", "uploads", "versions", "delete", "location", "live", "bucketInfo", "objectMeta", "versionId"),
    *("prefix", "marker", "max-keys", "delimiter", "encoding-type", "list-type", "continuation-token", "start-after"),
    *(
        "lifecycle",
        "referer",
        "policy",
        "append",
        "position",
        "symlink",
        "restore",
        "cleanRestoredObject",
        "stat",
        "regions",
    ),
    *("key-marker", "response-content-type", "response-expires", "x-oss-process", "ci-process", "detect-url", "scenes"),
    *("imageMogr2/thumbnail/9x", "imageMogr2/cut/9x9x9x9|imageMogr2/strip", "imageView2/1/w/9", "imageInfo", "exif"),
)
VALUES = (
    *("", "1", "2", "url", "image/labels", "image/labels,thr_x", "image/resize,w_1/format,jpg", "image/resize,w_0"),
    *("image/info", "image/crop,x_1/rotate,9", "image/circle,r_1|sys/saveas,o_eA", "imageMogr2/thumbnail/9x"),
    *("detect-label", "http://a.cos.ap-guangzhou.myqcloud.com/%zz?q-signature=1", "http://[", "a2s=", "web,camera"),
)
HEADERS = (
    *("Range", "If-Match", "If-Modified-Since", "Content-MD5", "Content-Type", "Accept-Encoding", "Expect"),
    *("-copy-source", "-copy-source-if-match", "-tagging", "-tagging-directive", "-metadata-directive"),
    *("If-None-Match", "If-Unmodified-Since", "If-Range", "Referer", "-symlink-target"),
    *("-storage-class", "-forbid-overwrite", "-acl", "-object-acl", "-meta-a", "-security-token", "-future"),
)
SPANS = (
    *(
        "bytes=0-",
        "bytes=-0",
        "bytes=5-1",
        "bytes=" + "9" * 40 + "-",
        "Mon, 01 Jan 0001 00:00:00 -0000",
        "*",
        "REPLACE",
    ),
    *("/photos/a", "/photos/", "photos-1250000000.cos.ap-guangzhou.myqcloud.com/a", "a=b&c", "a=b=c", "gzip;q=0"),
)
XML = (
    b"<Delete><Quiet>false</Quiet><Object><Key>a</Key></Object><Object><Key>b&#1;</Key></Object></Delete>",
    b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    b"<RestoreRequest><Days>1</Days><JobParameters><Tier>Bulk</Tier></JobParameters></RestoreRequest>",
    b"<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
    b"</LifecycleConfiguration>",
    b"<RefererConfiguration><AllowEmptyReferer>false</AllowEmptyReferer><RefererList><Referer>*a?</Referer>"
    b"</RefererList><Status>Enabled</Status><RefererType>Black-List</RefererType></RefererConfiguration>",
    b"<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>",
)
DECLARED = ("rot13", "utf-7", "idna", "cp037", "utf-16", "unicode_escape", "no-such", "UTF-8", "hex", "punycode")


def mutated(dice: random.Random, good: bytes) -> bytes:
    bad = bytearray(good)
    for _ in range(dice.choice((0, 1, 1, 2, 5))):
        at, way = dice.randrange(len(bad) + 1), dice.randrange(5)
        if way == 0:
            bad[at : at + 1] = dice.randbytes(1)
        elif way == 1:
            bad[at:at] = dice.randbytes(dice.randrange(1, 5))
        elif way == 4:
            bad[at : at + 1] = b"\xff"
        elif way == 2:
            del bad[at : at + dice.randrange(1, 9)]
        else:
            again = dice.randrange(len(bad) + 1)
            bad[at:at] = bad[again : again + dice.randrange(1, 30)]
    return bytes(bad)


def document(dice: random.Random) -> bytes:
    body = mutated(dice, dice.choice(XML))
    way = dice.randrange(6)
    if way == 0:
        return b'<?xml version="1.0" encoding="%s"?>' % dice.choice(DECLARED).encode() + body
    if way == 1:
        return body.decode("latin-1").encode(dice.choice(("utf-8", "utf-16", "utf-16-be", "utf-32", "utf-8-sig")))
    if way == 2:
        return b"<Delete>" + b"<a>" * dice.choice((5, 1000, 19_000, 30_000))
    return body


@contextmanager
def no_complaint(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if the block logs an error or a traceback."""
    caplog.clear()
    yield
    assert [record.getMessage() for record in caplog.records if record.exc_info or record.levelname == "ERROR"] == []


def stores(dice: random.Random, vendor: str) -> tuple[str, str, dict[str, str], dict[str, str], bytes | None]:
    """Yield method, key, parameters, headers and body of requests to an object store."""
    method = dice.choice(("GET", "GET", "HEAD", "PUT", "POST", "DELETE"))
    key = dice.choice(("", "a", "a", "图/ %41+\x01", *ODD))
    params = {dice.choice((*PARAMS, *ODD)): dice.choice((*VALUES, *ODD)) for _ in range(dice.choice((0, 1, 1, 2, 4)))}
    headers = {}
    for _ in range(dice.choice((0, 0, 1, 3))):
        name, value = dice.choice(HEADERS), dice.choice((*SPANS, *VALUES, *ODD))
        headers[f"x-{vendor}{name}" if name.startswith("-") else name] = quote(value, safe=" /=;,*:&?[]")
    body = document(dice) if method in ("PUT", "POST") else None
    return method, key, params, headers, body


def test_oss_answers_mistakes_as_mistakes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dice = random.Random(20261128)
    with running_oss(tmp_path) as oss, no_complaint(caplog):
        oss.store.create_bucket("photos")
        for _ in range(INPUTS):
            oss.bucket().put_object("a", b"x")
            method, key, params, headers, body = stores(dice, "oss")
            bucket = dice.choice(("photos",) * 8 + ("", "nowhere", "No_Such"))
            version = dice.choice(("v1", "v4"))
            sent = (method, bucket, key if bucket else "", params, headers, body, version)
            status = oss.ask(*sent)[0]
            assert status < 500 or status == 501, sent
        for _ in range(INPUTS):
            params, key = dice.choice((({"delete": ""}, ""), ({"tagging": ""}, "a"), ({}, "")))
            method, body = "POST" if "delete" in params else "PUT", document(dice)
            assert oss.ask(method, "photos", key, params, body=body)[0] < 500, (params, body)
        assert_alive(oss)


def test_cos_answers_mistakes_as_mistakes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dice = random.Random(20261129)
    with running_cos(tmp_path) as cos, no_complaint(caplog):
        for _ in range(INPUTS):
            method, key, params, headers, body = stores(dice, "cos")
            sent = (method, key.lstrip("/"), params, headers, body)
            status = cos.ask_cos(*sent)[0]
            assert status < 500 or status == 501, sent
        for _ in range(INPUTS):
            params, key = dice.choice((({"delete": ""}, ""), ({"tagging": ""}, "a")))
            method, body = "POST" if "delete" in params else "PUT", document(dice)
            status = cos.ask_cos(method, key, params, body=body)[0]
            assert status < 500 or status == 501, (params, body)
        assert_alive(cos)


@pytest.mark.parametrize("cloud", ["oss", "cos"])
def test_html_forms_of_any_kind_are_answered(tmp_path: Path, caplog: pytest.LogCaptureFixture, cloud: str) -> None:
    """Most forms are not signed, and their bucket is open to all, so that what is wrong with them is looked at."""
    dice = random.Random(20261202)
    with running_cos(tmp_path) as cos, no_complaint(caplog):
        cos.client().put_bucket_acl(COS_BUCKET, ACL="public-read-write")
        cos.bucket().create_bucket("public-read-write")
        host, target = (cos.address, "/photos") if cloud == "oss" else (cos.host(), "/")
        policy = forms.encoded(
            forms.policy([["eq", "$key", "a"], {"bucket": "b"}, ["content-length-range", 0, 9]], 4e9)
        )
        signed = [("OSSAccessKeyId", "emulator"), ("q-ak", "emulator"), ("policy", policy), ("Signature", "x")]
        for _ in range(INPUTS):
            fields = [
                ("key", "a/${filename}"),
                ("success_action_status", "201"),
                (f"x-{cloud}-meta-a", dice.choice(ODD)),
            ]
            fields += dice.choice(([], [], [dice.choice(signed)], signed))
            fields.append((dice.choice(HEADERS).replace("-", f"x-{cloud}-", 1), dice.choice((*SPANS, *ODD))))
            body = mutated(dice, forms.by_hand(fields, dice.randbytes(dice.choice((0, 5, 70_000)))))
            kind = mutated(dice, f"multipart/form-data; boundary={forms.BOUNDARY}".encode()).decode("latin-1")
            kind = dice.choice((kind, f"multipart/form-data; boundary={forms.BOUNDARY}"))
            headers = {"Host": host, "Content-Type": "".join(char for char in kind if " " <= char <= "~")}
            status = cos.raw("POST", target, headers, body)[0]
            assert status < 500 or status == 501, (headers, body)
        assert_alive(cos)


def test_request_targets_and_signatures_of_any_kind_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(20261130)
    good = (
        "/photos/a?OSSAccessKeyId=emulator&Expires=9999999999&Signature=x%3D",
        "/photos/a?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=emulator/20261128/cn-hangzhou/oss/"
        "aliyun_v4_request&x-oss-date=20261128T000000Z&x-oss-expires=60&x-oss-signature=00",
        "/a?q-sign-algorithm=sha1&q-ak=emulator&q-sign-time=1;2&q-key-time=1;2&q-header-list=host&q-url-param-list="
        "&q-signature=00",
    )
    authorizations = (
        "OSS emulator:x",
        "OSS4-HMAC-SHA256 Credential=emulator/20261128/cn-hangzhou/oss/aliyun_v4_request,Signature=0",
        "q-sign-algorithm=sha1&q-ak=emulator&q-sign-time=1;2&q-key-time=1;2&q-header-list=&q-url-param-list=&q-signature=0",
        "ACS3-HMAC-SHA256 Credential=emulator,SignedHeaders=host,Signature=0",
    )
    dates = ("Sat, 28 Nov 2026 00:00:00 GMT", "20261128T000000Z", "Mon, 01 Jan 0001 00:00:00 -0000", "9" * 30)
    with running_cos(tmp_path) as cos, no_complaint(caplog):
        for _ in range(INPUTS):
            target = mutated(dice, dice.choice(good).encode()).decode("latin-1")
            target = "/" + "".join(char for char in target[1:] if "!" <= char <= "~")
            target = dice.choice(("", "", "", f"http://{cos.address}", "https://[")) + target
            headers = {"Host": dice.choice((cos.address, cos.host(), "photos.oss-cn-hangzhou.aliyuncs.com"))}
            if dice.random() < 0.5:
                said = mutated(dice, dice.choice(authorizations).encode()).decode("latin-1")
                headers["Authorization"] = "".join(char for char in said if " " <= char <= "\xff" and char != "\x7f")
                headers["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD"
                headers[dice.choice(("Date", "x-oss-date"))] = dice.choice(dates)
            status = cos.raw(dice.choice(("GET", "HEAD", "PUT", "DELETE")), target, headers)[0]
            assert 400 <= status < 500 or status == 501, (target, headers)
        assert_alive(cos)


def test_tablestore_answers_mistakes_as_mistakes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dice = random.Random(20261201)
    requests = good_requests()
    with running_tablestore(tmp_path) as ots, no_complaint(caplog):
        for name in ("CreateTable", "CreateSearchIndex", "PutRow", "Search"):
            path = f"/{name}"
            assert ots.raw("POST", path, signed(path, requests[name]), requests[name])[0] == 200
        for _ in range(INPUTS * 3):
            name = dice.choice((*requests, "CreateTable", "CreateSearchIndex", "CreateSearchIndex", "Search"))
            body, path = mutated(dice, requests[name]), f"/{name}"
            status = ots.raw("POST", path, signed(path, body), body)[0]
            assert status < 500, (name, body)
        assert_alive(ots)


def test_imm_answers_mistakes_as_mistakes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dice = random.Random(20261202)
    good = "ProjectName=imagelabels&SourceURI=oss%3A%2F%2Fphotos%2Fa.jpg&Threshold=0.5"
    with running_imm(tmp_path) as imm, no_complaint(caplog):
        for _ in range(INPUTS):
            asked = "".join(char for char in mutated(dice, good.encode()).decode("latin-1") if "!" <= char <= "~")
            status = by_hand(imm, query=asked, body=dice.choice(("", "x", "a=b")))[0]
            assert status < 500, asked
        for size in (1024 * 1024, 1024 * 1024 + 1, 5_000_000):
            assert by_hand(imm, body="x" * size)[0] in (400, 413)
        assert_alive(imm)


def test_simple_message_queue_answers_mistakes_as_mistakes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dice = random.Random(20261129)
    good = (
        b'<Messages xmlns="http://mns.aliyuncs.com/doc/v1/"><Message><MessageBody>a</MessageBody>'
        b"<DelaySeconds>1</DelaySeconds><Priority>2</Priority></Message></Messages>"
    )
    handles = (
        b'<ReceiptHandles xmlns="http://mns.aliyuncs.com/doc/v1/"><ReceiptHandle>x</ReceiptHandle></ReceiptHandles>'
    )
    query = "numOfMessages=1&peekonly=true&ReceiptHandle=bGFiZWw6MTp4&VisibilityTimeout=1"
    with running_functions(tmp_path, failing(tmp_path)) as functions, no_complaint(caplog):
        for _ in range(INPUTS):
            method = dice.choice(("GET", "POST", "PUT", "DELETE"))
            asked = "".join(char for char in mutated(dice, query.encode()).decode("latin-1") if "!" <= char <= "~")
            target = "/queues/failures/messages" + dice.choice(("", f"?{asked}"))
            body = mutated(dice, dice.choice((good, handles))) if method in ("POST", "DELETE") else None
            status = by_hand_of_smq(functions, method, target, body=body)[0]
            assert status < 500, (method, target, body)
        assert functions.raw("GET", "/_emulator/health")[0] == 200


def assert_alive(running: Running) -> None:
    assert running.raw("GET", "/_emulator/health")[0] == 200


def good_requests() -> dict[str, bytes]:
    """Return one request for each operation of Tablestore, about a table t with an index i."""
    tables, search, filters = messages.table, messages.search, messages.filters
    key = plainbuffer.write([Row((("pk", "a"),), ())])
    row = plainbuffer.write([Row((("pk", "a"),), (Cell("n", 1, 0),))]).replace(b"\x07" + bytes(8), b"")
    low, high = (plainbuffer.write([Row((("pk", bound),), ())]) for bound in (Bound.LOW, Bound.HIGH))
    create = tables.CreateTableRequest()
    create.table_meta.table_name = "t"
    create.table_meta.primary_key.add(name="pk", type=tables.STRING)
    create.reserved_throughput.capacity_unit.read = create.reserved_throughput.capacity_unit.write = 0
    create.table_options.time_to_live, create.table_options.max_versions = -1, 1
    index = search.CreateSearchIndexRequest(table_name="t", index_name="i")
    index.schema.field_schemas.add(field_name="k", field_type=search.KEYWORD, index=True)
    nested = index.schema.field_schemas.add(field_name="o", field_type=search.NESTED)
    nested.field_schemas.add(field_name="id", field_type=search.KEYWORD, is_array=True)
    compared = filters.SingleColumnValueFilter(
        comparator=filters.CT_EQUAL,
        column_name="n",
        column_value=plainbuffer.variant(1),
        filter_if_missing=False,
        latest_version_only=True,
    )
    single = filters.Filter(type=filters.FT_SINGLE_COLUMN_VALUE, filter=compared.SerializeToString())
    both = filters.CompositeColumnValueFilter(combinator=filters.LO_OR, sub_filters=[single, single])
    combined = filters.Filter(
        type=filters.FT_COMPOSITE_COLUMN_VALUE, filter=both.SerializeToString()
    ).SerializeToString()
    condition = tables.Condition(row_existence=tables.IGNORE, column_condition=combined)
    batch = tables.BatchWriteRowRequest()
    batch.tables.add(table_name="t").rows.add(type=tables.PUT, row_change=key, condition=condition)
    read = tables.BatchGetRowRequest()
    read.tables.add(table_name="t", max_versions=1, filter=combined, primary_key=[key])
    made: dict[str, Any] = {
        "CreateTable": create,
        "UpdateTable": tables.UpdateTableRequest(table_name="t"),
        "DescribeTable": tables.DescribeTableRequest(table_name="t"),
        "GetRow": tables.GetRowRequest(table_name="t", primary_key=key, max_versions=1, filter=combined),
        "PutRow": tables.PutRowRequest(table_name="t", row=key, condition=condition),
        "UpdateRow": tables.UpdateRowRequest(table_name="t", row_change=row, condition=condition),
        "DeleteRow": tables.DeleteRowRequest(table_name="t", primary_key=key, condition=condition),
        "BatchWriteRow": batch,
        "BatchGetRow": read,
        "GetRange": tables.GetRangeRequest(
            table_name="t",
            direction=tables.FORWARD,
            max_versions=1,
            inclusive_start_primary_key=low,
            exclusive_end_primary_key=high,
        ),
        "CreateSearchIndex": index,
        "ListSearchIndex": search.ListSearchIndexRequest(table_name="t"),
        "DescribeSearchIndex": search.DescribeSearchIndexRequest(table_name="t", index_name="i"),
        "Search": search_request(),
    }
    return {name: message.SerializeToString() for name, message in made.items()}


def search_request() -> Any:
    pb = messages.search
    term = pb.TermQuery(field_name="k", term=plainbuffer.variant("x"))
    one = pb.Query(type=pb.TERM_QUERY, query=term.SerializeToString())
    within = pb.NestedQuery(
        path="o", query=pb.Query(type=pb.EXISTS_QUERY, query=pb.ExistsQuery(field_name="o.id").SerializeToString())
    )
    nested = pb.Query(type=pb.NESTED_QUERY, query=within.SerializeToString())
    any_of = pb.BoolQuery(should_queries=[one, nested], minimum_should_match=1)
    query = pb.SearchQuery(
        query=pb.Query(type=pb.BOOL_QUERY, query=any_of.SerializeToString()), limit=1, get_total_count=True
    )
    query.sort.sorter.add().field_sort.field_name = "k"
    group = pb.GroupByField(field_name="k", size=5)
    query.group_bys.group_bys.add(name="g", type=pb.GROUP_BY_FIELD, body=group.SerializeToString())
    asked = pb.SearchRequest(table_name="t", index_name="i", search_query=query.SerializeToString())
    asked.columns_to_get.return_type = pb.RETURN_ALL
    return asked
