"""The clients of `python -m benchmarks stores`: the vendors' SDKs as people use them, each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import boto3
import oss2
import tablestore
from oss2.models import PartInfo, Tagging

BUCKET = "bench"
BODY = bytes(range(256)) * 391
"""100,096 bytes."""
PART = bytes(1024) * 100
"""The smallest part that OSS takes."""
TAGS = {f"label:dog-{n}": "mammal" for n in range(5)}
LISTED = 1000
TABLE = "bench"


class Step(NamedTuple):
    """What is measured, which gets the number of the repetition. `prepare` runs before it and is not measured."""

    run: Callable[[int], object]
    prepare: Callable[[int], object] = lambda n: None


Steps = Mapping[str, Step]


def oss(address: str, number: int) -> Steps:
    """Return what a client of oss2 does. Each client has keys of its own."""
    bucket = _bucket(address)
    key = f"client-{number}"
    tagging: Any = Tagging()
    for name, value in TAGS.items():
        tagging.tag_set.add(name, value)

    def multipart() -> None:
        upload = bucket.init_multipart_upload(f"{key}/parts").upload_id
        parts = [
            PartInfo(n, bucket.upload_part(f"{key}/parts", upload, n, PART).etag, size=len(PART)) for n in (1, 2, 3)
        ]
        bucket.complete_multipart_upload(f"{key}/parts", upload, parts)

    bucket.put_object(key, BODY)
    bucket.put_object_tagging(key, tagging)
    assert bucket.get_object(key).read() == BODY
    assert len(bucket.list_objects_v2("list/", max_keys=LISTED).object_list) == LISTED
    return {
        "put 100 kB": Step(lambda n: bucket.put_object(key, BODY)),
        "get 100 kB": Step(lambda n: bucket.get_object(key).read()),
        "head": Step(lambda n: bucket.head_object(key)),
        "put tagging": Step(lambda n: bucket.put_object_tagging(key, tagging)),
        "get tagging": Step(lambda n: bucket.get_object_tagging(key)),
        "list 1000": Step(lambda n: bucket.list_objects_v2("list/", max_keys=LISTED)),
        "copy": Step(lambda n: bucket.copy_object(BUCKET, key, f"{key}/copy")),
        "delete": Step(
            lambda n: bucket.delete_object(f"{key}/gone-{n}"), lambda n: bucket.put_object(f"{key}/gone-{n}", b"x")
        ),
        "multipart, 3 parts": Step(lambda n: multipart()),
    }


def s3(address: str, number: int) -> Steps:
    """Return what a client of boto3 does, with the settings that boto3 has by itself."""
    client = _s3(address)
    key = f"client-{number}"
    at = {"Bucket": BUCKET, "Key": key}
    tagging = {"TagSet": [{"Key": name, "Value": value} for name, value in TAGS.items()]}

    def multipart() -> None:
        at = {"Bucket": BUCKET, "Key": f"{key}/parts"}
        upload = at | {"UploadId": client.create_multipart_upload(**at)["UploadId"]}
        etags = [(n, client.upload_part(**upload, PartNumber=n, Body=PART)["ETag"]) for n in (1, 2, 3)]
        parts = [{"PartNumber": n, "ETag": etag} for n, etag in etags]
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    client.put_object(**at, Body=BODY)
    client.put_object_tagging(**at, Tagging=tagging)
    assert client.get_object(**at)["Body"].read() == BODY
    assert len(client.list_objects_v2(Bucket=BUCKET, Prefix="list/", MaxKeys=LISTED)["Contents"]) == LISTED
    return {
        "put 100 kB": Step(lambda n: client.put_object(**at, Body=BODY)),
        "get 100 kB": Step(lambda n: client.get_object(**at)["Body"].read()),
        "head": Step(lambda n: client.head_object(**at)),
        "put tagging": Step(lambda n: client.put_object_tagging(**at, Tagging=tagging)),
        "get tagging": Step(lambda n: client.get_object_tagging(**at)),
        "list 1000": Step(lambda n: client.list_objects_v2(Bucket=BUCKET, Prefix="list/", MaxKeys=LISTED)),
        "copy": Step(lambda n: client.copy_object(Bucket=BUCKET, Key=f"{key}/copy", CopySource=at)),
        "delete": Step(
            lambda n: client.delete_object(Bucket=BUCKET, Key=f"{key}/gone-{n}"),
            lambda n: client.put_object(Bucket=BUCKET, Key=f"{key}/gone-{n}", Body=b"x"),
        ),
        "multipart, 3 parts": Step(lambda n: multipart()),
    }


def rows(address: str, number: int) -> Steps:
    """Return what a client of Tablestore does."""
    client = _rows(address)
    columns = [(f"column_{n}", "some words in a row") for n in range(10)]
    row = tablestore.Row([("id", f"client-{number}")], columns)
    client.put_row(TABLE, row)
    return {
        "put row": Step(lambda n: client.put_row(TABLE, row)),
        "get row": Step(lambda n: client.get_row(TABLE, row.primary_key, max_version=1)),
    }


KINDS: Mapping[str, Callable[[str, int], Steps]] = {"oss": oss, "s3": s3, "tablestore": rows}


def work(kind: str, address: str, number: int, orders: Connection) -> None:
    """Carry out orders until their sender closes: the name of a step, how often, and whether only to prepare it.

    Each is answered with the seconds of the processor's time that it took in this process.
    """
    steps = KINDS[kind](address, number)
    orders.send(0.0)
    while True:
        try:
            name, repetitions, prepare = orders.recv()
        except EOFError:
            return
        run = steps[name].prepare if prepare else steps[name].run
        began = time.process_time()
        for n in range(repetitions):
            run(n)
        orders.send(time.process_time() - began)


def fill(kind: str, address: str) -> None:
    """Create what the clients of one kind share: the objects that are listed, in their bucket, or the table."""
    {"oss": _fill_oss, "s3": _fill_s3, "tablestore": _create_table}[kind](address)


def _fill_oss(address: str) -> None:
    bucket = _bucket(address)
    for n in range(LISTED):
        bucket.put_object(f"list/{n:04}", b"x")


def _fill_s3(address: str) -> None:
    client = _s3(address)
    client.create_bucket(Bucket=BUCKET)
    for n in range(LISTED):
        client.put_object(Bucket=BUCKET, Key=f"list/{n:04}", Body=b"x")


def _create_table(address: str) -> None:
    meta = tablestore.TableMeta(TABLE, [("id", "STRING")])
    options, throughput = tablestore.TableOptions(), tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
    _rows(address).create_table(meta, options, throughput)


def _bucket(address: str) -> Any:
    return oss2.Bucket(oss2.AuthV4("emulator", "emulator"), address, BUCKET, region="cn-hangzhou")


def _s3(address: str) -> Any:
    keys = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
    return boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)


def _rows(address: str) -> Any:
    return tablestore.OTSClient(address, "emulator", "emulator", "bench", logger_level=None)
