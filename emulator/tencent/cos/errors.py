"""What COS answers when it refuses: one table of codes, and their XML.

Codes and status: https://cloud.tencent.com/document/product/436/7730. Messages are those of
the vendor's samples, or short ones of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.objectstore import xml
from emulator.objectstore.refusal import Refusal

TABLE: Mapping[str, tuple[int, str]] = {
    "AccessDenied": (403, "Access Denied."),
    "BucketAlreadyOwnedByYou": (409, "The bucket you are attempting to create already exists, and you own it."),
    "BucketNotEmpty": (409, "The bucket you are attempting to delete is not empty."),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed object size."),
    "ExpiredToken": (403, "The provided token has expired."),
    "FileAlreadyExists": (409, "The object you specified already exists and can not be overwritten."),
    "IncompleteBody": (400, "You did not provide the number of bytes specified by the Content-Length header."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (403, "The Access Key Id you provided does not exist in our records."),
    "InvalidArgument": (400, "Invalid Argument."),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidDigest": (400, "The Content-MD5 you specified is not valid."),
    "InvalidObjectState": (403, "The operation is not valid for the object's storage class."),
    "InvalidRange": (416, "The requested range is not satisfiable."),
    "InvalidTag": (400, "The tag you provided is invalid."),
    "InvalidURI": (400, "Could not parse the specified URI."),
    "KeyTooLong": (400, "Your key is too long."),
    "MalformedXML": (400, "The XML you provided was not well-formed or did not validate against our schema."),
    "NoSuchBucket": (404, "The specified bucket does not exist."),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NotImplemented": (501, "A header or operation you provided implies functionality that is not implemented."),
    "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold."),
    "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
    "ServiceUnavailable": (503, "Please reduce your request rate."),
    "SignatureDoesNotMatch": (403, "The Signature you specified is invalid."),
}

INVENTED: Mapping[str, tuple[str, str]] = {
    # How detect-label refuses a picture is on no page: codes and messages here are ours, the status 400 too.
    # The keys are the reasons that the detector command gives, and those of the emulator's own look at a picture.
    "corrupt": ("ImageDecodeFailed", "The image cannot be decoded."),
    "empty": ("ImageDecodeFailed", "The object is empty."),
    "not_image": ("UnsupportedImageFormat", "The object is not an image."),
    "too_large": ("ImageTooLarge", "The image cannot exceed 3 MB in size."),
    "too_many_pixels": ("ImageTooLarge", "The image has too many pixels."),
    "too_small": ("ImageTooSmall", "Both sides of the image must have 50 pixels or more."),
    "unsupported_format": ("UnsupportedImageFormat", "Only JPG, JPEG, PNG, and BMP are supported."),
}
UNKNOWN_REASON = ("ImageDecodeFailed", "The image cannot be labelled.")


def of_picture(reason: str) -> Refusal:
    """The refusal of a picture, by the reason for it."""
    code, message = INVENTED.get(reason, UNKNOWN_REASON)
    return Refusal(code, message)


def status(refusal: Refusal) -> int:
    return TABLE.get(refusal.code, (400, ""))[0]


def render(refusal: Refusal, resource: str, request_id: str, trace_id: str) -> bytes:
    """The error document. Without any of these elements the SDK would not read the code."""
    message = refusal.message or TABLE.get(refusal.code, (400, refusal.code))[1]
    named = " ".join(f"{name}: {value}." for name, value in refusal.details.items())
    values = {
        "Code": refusal.code,
        "Message": f"{message} {named}".rstrip(),
        "Resource": resource,
        "RequestId": request_id,
        "TraceId": trace_id,
    }
    return xml.document("Error", *(xml.text(name, xml.readable(value)) for name, value in values.items()))
