"""Has the codes with which IMM refuses a request, and writes its error documents."""

from __future__ import annotations

import json

from emulator.core.refusal import ErrorTable, Refusal
from emulator.objectstore.refusals import PictureRefusals

TABLE = ErrorTable(
    {
        # https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1
        "InvalidArgument": (400, "The parameter value is invalid."),
        # Unproven errors-of-imm-gateway: Status and wording of what the gateway in front of IMM refuses.
        # Why: clients of the vendor's APIs look for these codes; no page was found with their status and
        #   wording.
        # Ask: call GetProject with a wrong signature, an unknown key, an unknown version and a date of
        #   yesterday: status, code and message.
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
        # Unproven refusals-of-imm-labels: DetectImageLabels refuses a picture with the status 400, and with
        #   these codes and messages.
        # Why: no page tells how it refuses one.
        # Ask: DetectImageLabels of a text file, of a picture of 1x1, and of one of 21 MB: status, code and
        #   message.
        "ImageDamage": (400, "The image cannot be decoded."),
        "ImageTooLarge": (400, "The image cannot exceed 20 MB, 30,000 pixels a side or 250,000,000 pixels in all."),
        "ImageTooSmall": (400, "The image is too small."),
        "InternalError": (500, "The request processing has failed due to some unknown error."),
        "InvalidObjectState": (403, "The object must be restored first."),
        "NoSuchBucket": (404, "The bucket of SourceURI does not exist."),
        "NoSuchKey": (404, "The object of SourceURI does not exist."),
        "ResourceAlreadyExists": (400, "The specified resource already exists."),
        "ResourceNotFound": (400, "The specified resource is not found."),
        "ResourceNotFound.Project": (404, "The specified resource Project is not found."),
        "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
        "Throttling.User": (429, "Request was denied due to user flow control."),
        "UnsupportedImageFormat": (
            400,
            "Only files that end in .jpg, .jpeg or .png, and are what they say, are supported.",
        ),
    }
)
UNLABELLED = PictureRefusals(
    by_reason={
        "not_image": ("UnsupportedImageFormat", ""),
        "too_large": ("ImageTooLarge", ""),
        "too_many_pixels": ("ImageTooLarge", ""),
        "too_small": ("ImageTooSmall", ""),
        "unsupported_format": ("UnsupportedImageFormat", ""),
    },
    unknown=("ImageDamage", ""),
)


def invalid_parameter(name: str, fault: str) -> Refusal:
    """Return the refusal of a parameter. `fault` goes on behind its name, as in "is required but not provided"."""
    return Refusal("InvalidArgument", f"The parameter {name} {fault}.")


def render(refusal: Refusal, host: str, request_id: str) -> bytes:
    """Return the error document: https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1."""
    values = {
        "RequestId": request_id,
        "HostId": host,
        "Code": refusal.code,
        "Message": TABLE.message(refusal),
        "Recommend": f"https://next.api.aliyun.com/troubleshoot?q={refusal.code}&product=imm",
    }
    return json.dumps(values).encode()
