"""What IMM answers when it refuses: two tables of codes, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from emulator.objectstore.refusal import Refusal

DOCUMENTED: Mapping[str, tuple[int, str]] = {
    # https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1
    "InvalidArgument": (400, "The parameter value is invalid."),
}

INVENTED: Mapping[str, tuple[int, str]] = {
    # The gateway before IMM: these codes are those that clients of the vendor's APIs look for; for status and wording
    # no page was found.
    "IncompleteSignature": (400, "The request signature does not conform to Aliyun standards."),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "InvalidAction.NotFound": (404, "Specified api is not found, please check your url and method."),
    "InvalidSecurityToken.Expired": (400, "Specified SecurityToken is expired."),
    "InvalidSecurityToken.MismatchWithAccessKey": (400, "Specified SecurityToken mismatch with the AccessKey."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "InvalidTimeStamp.Format": (400, "Specified time stamp or date value is not well formatted."),
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "MissingSecurityToken": (400, "SecurityToken is mandatory for this action."),
    "RequestEntityTooLarge": (413, "The body of the request is too large."),
    "SignatureDoesNotMatch": (400, "Specified signature is not matched with our calculation."),
    # No page has these for DetectImageLabels: status, code and message are ours.
    "ImageDamage": (400, "The image cannot be decoded."),
    "ImageTooLarge": (400, "The image cannot exceed 20 MB, 30,000 pixels a side or 250,000,000 pixels in all."),
    "ImageTooSmall": (400, "The image is too small."),
    "InternalError": (500, "The request processing has failed due to some unknown error."),
    "InvalidObjectState": (403, "The object must be restored first."),
    "NoSuchBucket": (404, "The bucket of SourceURI does not exist."),
    "NoSuchKey": (404, "The object of SourceURI does not exist."),
    "ResourceNotFound.Project": (404, "The specified resource Project is not found."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "Throttling.User": (429, "Request was denied due to user flow control."),
    "UnsupportedImageFormat": (
        400,
        "Only files that end in .jpg, .jpeg or .png, and are what they say, are supported.",
    ),
}
REASONS: Mapping[str, str] = {
    # The reasons that the detector command gives.
    "not_image": "UnsupportedImageFormat",
    "too_large": "ImageTooLarge",
    "too_many_pixels": "ImageTooLarge",
    "too_small": "ImageTooSmall",
    "unsupported_format": "UnsupportedImageFormat",
}
UNKNOWN_REASON = "ImageDamage"


def of_picture(reason: str) -> Refusal:
    """The refusal of a picture, by the detector's reason for it."""
    return Refusal(REASONS.get(reason, UNKNOWN_REASON))


def bad(parameter: str, said: str) -> Refusal:
    return Refusal("InvalidArgument", f"The parameter {parameter} {said}.")


def status(of: Refusal) -> int:
    return (DOCUMENTED.get(of.code) or INVENTED.get(of.code) or (400, ""))[0]


def render(of: Refusal, host: str, request_id: str) -> bytes:
    """The error document: https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1."""
    message = of.message or (DOCUMENTED.get(of.code) or INVENTED.get(of.code) or (400, of.code))[1]
    recommend = f"https://next.api.aliyun.com/troubleshoot?q={of.code}&product=imm"
    shown = {"RequestId": request_id, "HostId": host, "Code": of.code, "Message": message, "Recommend": recommend}
    return json.dumps(shown).encode()
