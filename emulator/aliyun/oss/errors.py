"""What OSS answers when it refuses: one table of codes, and their XML.

Codes, messages and EC numbers are those of the vendor's pages: https://help.aliyun.com/en/oss/user-guide/error-handling,
the pages http-status-code-400 to -416 beside it, and one page per EC. Where a page gives no EC, none is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.objectstore import refusal, xml

DOC = "https://api.aliyun.com/troubleshoot?q="


@dataclass(frozen=True, slots=True)
class Entry:
    status: int
    message: str
    ec: str = ""


DOCUMENTED: Mapping[str, Entry] = {
    "AccessDenied": Entry(403, "You have no right to access this object because of bucket acl.", "0003-00000001"),
    "BucketAlreadyExists": Entry(409, "Cannot modify existing bucket's storage class"),
    "BucketNotEmpty": Entry(409, "The bucket you tried to delete is not empty."),
    "EntityTooLarge": Entry(400, "Your proposed upload exceeds the maximum allowed size."),
    "FileAlreadyExists": Entry(409, "The object you specified already exists and can not be overwritten."),
    "IncompleteBody": Entry(
        400, "You did not provide the number of bytes specified by the Content-Length HTTP header."
    ),
    "InternalError": Entry(500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": Entry(
        403, "The OSS Access Key Id you provided does not exist in our records.", "0002-00000902"
    ),
    "InvalidArgument": Entry(400, "Invalid argument."),
    "InvalidBucketName": Entry(400, "The specified bucket is not valid."),
    "InvalidDigest": Entry(400, "The Content-MD5 you specified was invalid."),
    "InvalidObjectName": Entry(400, "The specified object is not valid."),
    "InvalidObjectState": Entry(403, "The operation is not valid for the object's state."),
    "InvalidRange": Entry(416, "The requested range cannot be satisfied."),
    "InvalidSecurityToken": Entry(403, "The security token you provided is invalid.", "0002-00000008"),
    "InvalidTag": Entry(400, "The TagKey/TagValue you have provided is invalid."),
    "InvalidTaggingKey": Entry(400, "The tagging key you provided is invalid."),
    "MalformedXML": Entry(400, "The XML you provided was not well-formed or did not validate against our schema."),
    "MethodNotAllowed": Entry(405, "The specified method is not allowed against this resource."),
    "NoSuchBucket": Entry(404, "The specified bucket does not exist.", "0015-00000101"),
    "NoSuchKey": Entry(404, "The specified key does not exist.", "0026-00000001"),
    "NotImplemented": Entry(501, "A header or operation you provided implies functionality that is not implemented."),
    "PreconditionFailed": Entry(412, "At least one of the pre-conditions you specified did not hold."),
    "RequestTimeTooSkewed": Entry(
        403, "The difference between the request time and the current time is too large.", "0002-00000504"
    ),
    "SecurityTokenExpired": Entry(403, "The security token you provided has expired.", "0002-00000007"),
    "ServiceUnavailable": Entry(503, "The service is unavailable."),
    "SignatureDoesNotMatch": Entry(
        403,
        "The request signature we calculated does not match the signature you provided."
        " Check your key and signing method.",
        "0002-00000040",
    ),
}

INVENTED: Mapping[str, tuple[str, str]] = {
    # How image/labels refuses a picture is on no page: codes and messages here are ours, the status 400 too.
    # The keys are the reasons that the detector command gives.
    "corrupt": ("BadImage", "The image cannot be decoded."),
    "empty": ("BadImage", "The object is empty."),
    "not_image": ("ImageFormatNotSupported", "The object is not an image."),
    "too_large": ("ImageTooLarge", "The image cannot exceed 20 MB in size."),
    "too_many_pixels": ("ImageTooLarge", "The image cannot exceed 30,000 pixels a side or 250,000,000 pixels in all."),
    "too_small": ("ImageTooSmall", "The image is too small."),
    "unsupported_format": ("ImageFormatNotSupported", "Only JPG, PNG, and JPEG are supported."),
}
UNPROCESSED: Mapping[str, tuple[str, str, str]] = {
    # How image/... refuses a picture. Codes are those of https://help.aliyun.com/en/oss/user-guide/error-response-2326715
    # and https://help.aliyun.com/zh/oss/user-guide/faq-2, which has the message about a rotation; each EC has a page.
    # Which code goes with which EC, and the other messages, are on no page: these are ours.
    "corrupt": ("BadRequest", "The image cannot be decoded.", ""),
    "made_too_large": ("BadRequest", "The resized image has too many pixels.", "0040-00000007"),
    "too_large": ("ImageTooLarge", "The image cannot exceed 20 MB in size.", ""),
    "too_many_pixels": ("MemLimitExceeded", "The image has too many pixels.", "0040-00000012"),
    "turned_too_large": ("BadRequest", "Picture exceed the maximum allowable rotation range.", ""),
    "unsupported_format": ("BadRequest", "This image format is not supported.", "0040-00000005"),
}
UNKNOWN_REASON = ("BadImage", "The image cannot be labelled.")


class Refusal(refusal.Refusal):
    """With an EC of its own, or with "" for none, where the code has several."""

    def __init__(self, code: str, message: str = "", *, ec: str | None = None, **more: Mapping[str, str]) -> None:
        super().__init__(code, message, **more)
        self.ec = ec


def entry(of: refusal.Refusal) -> Entry:
    """Status, message and EC that the refusal is answered with."""
    known = DOCUMENTED.get(of.code, Entry(400, ""))
    own = of.ec if isinstance(of, Refusal) else None
    return Entry(known.status, of.message or known.message, known.ec if own is None else own)


def of_picture(reason: str) -> Refusal:
    """The refusal for a picture that the detector could not label, by the detector's reason."""
    code, message = INVENTED.get(reason, UNKNOWN_REASON)
    return Refusal(code, message)


def unprocessed(reason: str) -> Refusal:
    """The refusal for a picture that cannot be processed."""
    code, message, ec = UNPROCESSED[reason]
    return Refusal(code, message, ec=ec)


def render(of: refusal.Refusal, host: str, request_id: str) -> bytes:
    """The error document: https://help.aliyun.com/en/oss/user-guide/error-handling."""
    shown = entry(of)
    values = {"Code": of.code, "Message": shown.message, "RequestId": request_id, "HostId": host}
    values |= of.details
    if shown.ec:
        values |= {"EC": shown.ec, "RecommendDoc": DOC + shown.ec}
    return xml.document("Error", *(xml.text(name, xml.readable(value)) for name, value in values.items()))


def header_form(document: bytes) -> str:
    """The document as an answer to HEAD carries it, in `x-oss-err`."""
    return base64.b64encode(document).decode()
