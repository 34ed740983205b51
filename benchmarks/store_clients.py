"""The clients of `python -m benchmarks stores`: the vendors' SDKs as people use them, each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

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


class Spent(NamedTuple):
    """The seconds that a client took by the clock, and the seconds of the processor's time in its process."""

    wall: float
    processor: float


def oss(address: str, number: int) -> Steps:
    """Return what a client of oss2 does. Each client has keys of its own."""
    import oss2
    from oss2.models import PartInfo, Tagging

    auth = oss2.AuthV4("emulator", "emulator")
    bucket: Any = oss2.Bucket(auth, address, BUCKET, region="cn-hangzhou")
    key, tagging = f"client-{number}", Tagging()
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
    import boto3

    keys = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
    client: Any = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)
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


def tablestore(address: str, number: int) -> Steps:
    """Return what a client of Tablestore does."""
    import tablestore

    client: Any = tablestore.OTSClient(address, "emulator", "emulator", "bench", logger_level=None)
    columns = [(f"column_{n}", "some words in a row") for n in range(10)]
    row = tablestore.Row([("id", f"client-{number}")], columns)
    client.put_row(TABLE, row)
    return {
        "put row": Step(lambda n: client.put_row(TABLE, row)),
        "get row": Step(lambda n: client.get_row(TABLE, row.primary_key, max_version=1)),
    }


KINDS: Mapping[str, Callable[[str, int], Steps]] = {"oss": oss, "s3": s3, "tablestore": tablestore}


def work(kind: str, address: str, number: int, orders: Connection) -> None:
    """Carry out orders until there are no more: the name of a step, how often, and whether only to prepare it."""
    steps = KINDS[kind](address, number)
    orders.send(None)
    while (order := orders.recv()) is not None:
        name, repetitions, prepare = order
        run = steps[name].prepare if prepare else steps[name].run
        began = Spent(time.perf_counter(), time.process_time())
        for n in range(repetitions):
            run(n)
        orders.send(Spent(time.perf_counter() - began.wall, time.process_time() - began.processor))


def fill(kind: str, address: str) -> None:
    """Create what the clients share: the bucket with the objects that are listed, or the table."""
    if kind == "oss":
        import oss2

        bucket: Any = oss2.Bucket(oss2.AuthV4("emulator", "emulator"), address, BUCKET, region="cn-hangzhou")
        put: Callable[[str], object] = lambda key: bucket.put_object(key, b"x")  # noqa: E731
    elif kind == "s3":
        import boto3

        keys = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
        client: Any = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)
        client.create_bucket(Bucket=BUCKET)
        put = lambda key: client.put_object(Bucket=BUCKET, Key=key, Body=b"x")  # noqa: E731
    else:
        _create_table(address)
        return
    for key in listed():
        put(key)


def listed() -> Sequence[str]:
    return [f"list/{n:04}" for n in range(LISTED)]


def _create_table(address: str) -> None:
    import tablestore as sdk

    client: Any = sdk.OTSClient(address, "emulator", "emulator", "bench", logger_level=None)
    meta = sdk.TableMeta(TABLE, [("id", "STRING")])
    client.create_table(meta, sdk.TableOptions(), sdk.ReservedThroughput(sdk.CapacityUnit(0, 0)))
