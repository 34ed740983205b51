"""OSS as a test writes it down: its errors, its headers, an object."""

from __future__ import annotations

from email.utils import formatdate

from imagelabels.domain.model import ObjectHead, ObjectRef, crc64
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from tests.scripted import DATE, NOW, Answer

SECRET = "SECRETsecretSECRET"
TOKEN = "TOKENtokenTOKEN"


def credentials() -> AliyunCredentials:
    return AliyunCredentials(AliyunKeys("STS.keyid", SECRET, TOKEN))


def error(status: int, code: str = "", message: str = "", **more: str) -> Answer:
    """The store's error XML. A refusal comes at this machine's time: at another, it would mean that a clock is off."""
    fields = {"Code": code, "Message": message, "RequestId": "5C1B138A109F4B1A8F1E4C2D", **more}
    text = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    date = NOW if status in (401, 403) else DATE
    headers = {"x-oss-request-id": "5C1B138A109F4B1A8F1E4C2D", "Content-Type": "application/xml"}
    return Answer(status, headers, f'<?xml version="1.0" encoding="UTF-8"?><Error>{text}</Error>'.encode(), date=date)


REF = ObjectRef("oss", "examplebucket", "照片/a b+c%.jpg")
MODIFIED = DATE - 3600
HEADERS = {
    "ETag": '"688A7BF4F233DC9C88A80BF985AB7329"',
    "Content-Length": "122539",
    "Content-Type": "image/jpeg",
    "Last-Modified": formatdate(MODIFIED, usegmt=True),
    "x-oss-hash-crc64ecma": "13420962247653419692",
    "x-oss-object-type": "Normal",
    "x-oss-storage-class": "Standard",
}
HEAD = ObjectHead(
    "688A7BF4F233DC9C88A80BF985AB7329", 122539, crc64("xz", "13420962247653419692"), MODIFIED, None, "image/jpeg"
)


def head(size: int, version: str | None = None) -> ObjectHead:
    return ObjectHead("ABC", size, None, MODIFIED, version)


def tagging(tags: dict[str, str]) -> bytes:
    inner = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in tags.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><Tagging><TagSet>{inner}</TagSet></Tagging>'.encode()
