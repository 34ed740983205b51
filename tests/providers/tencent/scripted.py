"""COS as a test writes it down: its errors, its headers, an object."""

from __future__ import annotations

from email.utils import formatdate

from imagelabels.domain.model import ObjectHead, ObjectRef, crc64
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.scripted import DATE, NOW, Answer, Server

SECRET = "SECRETsecretSECRET"
TOKEN = "TOKENtokenTOKEN"
BUCKET = "photos-1250000000"
HOST = f"{BUCKET}.cos.ap-guangzhou.myqcloud.com"


def credentials() -> TencentCredentials:
    return TencentCredentials(TencentKeys("AKIDkeyid", SECRET, TOKEN))


def buckets(server: Server, **options: object) -> CosBuckets:
    """With time-outs for tests; `options` as CosBuckets takes them."""
    given = {"region": "ap-guangzhou", "regions": {}, "credentials": credentials(), "read": 5.0, **options}
    return CosBuckets(server.endpoint, **given)  # type: ignore[arg-type]


def error(status: int, code: str = "", message: str = "", **more: str) -> Answer:
    """The store's error XML. A refusal comes at this machine's time: at another, it would mean that a clock is off."""
    fields = {"Code": code, "Message": message, "Resource": f"{HOST}/a.jpg", "RequestId": "NWMxOWY4MGFf", **more}
    text = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    date = NOW if status in (401, 403) else DATE
    headers = {"x-cos-request-id": "NWMxOWY4MGFf", "Content-Type": "application/xml"}
    return Answer(status, headers, f"<?xml version='1.0' encoding='utf-8' ?><Error>{text}</Error>".encode(), date=date)


REF = ObjectRef("cos", BUCKET, "照片/a b+c%.jpg")
MODIFIED = DATE - 3600
HEADERS = {
    "ETag": '"688a7bf4f233dc9c88a80bf985ab7329"',
    "Content-Length": "122539",
    "Content-Type": "image/jpeg",
    "Last-Modified": formatdate(MODIFIED, usegmt=True),
    "x-cos-hash-crc64ecma": "13420962247653419692",
    "x-cos-request-id": "NWMxOWY4MGFf",
}
HEAD = ObjectHead(
    "688a7bf4f233dc9c88a80bf985ab7329", 122539, crc64("xz", "13420962247653419692"), MODIFIED, None, "image/jpeg"
)


def head(size: int, version: str | None = None) -> ObjectHead:
    return ObjectHead("abc", size, None, MODIFIED, version)


def tagging(inner: str) -> Answer:
    return xml(f"<Tagging>{inner}</Tagging>")


def xml(text: str) -> Answer:
    return Answer(200, {"Content-Type": "application/xml"}, text.encode())
