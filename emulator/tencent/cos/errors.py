"""Has the codes with which COS refuses a request, and writes its error documents.

Codes and status: https://cloud.tencent.com/document/product/436/7730. Messages are those of the vendor's samples, or
short ones of ours.
"""

from __future__ import annotations

from emulator.core.refusal import ErrorTable, Refusal
from emulator.objectstore import xml
from emulator.objectstore.refusals import PictureRefusals

TABLE = ErrorTable(
    {
        "AccessDenied": (403, "Access Denied."),
        "BucketAlreadyOwnedByYou": (409, "The bucket you are attempting to create already exists, and you own it."),
        "BucketNotEmpty": (409, "The bucket you are attempting to delete is not empty."),
        "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed object size."),
        "ExpiredToken": (403, "The provided token has expired."),
        "EntityTooSmall": (400, "Your proposed upload is smaller than the minimum allowed size."),
        "FieldItemTooLong": (400, "A field of the form is too long."),
        "FileAlreadyExists": (409, "The object you specified already exists and can not be overwritten."),
        "IncompleteBody": (400, "You did not provide the number of bytes specified by the Content-Length header."),
        "IncorrectNumberOfFilesInPOSTRequest": (400, "A form has exactly one file."),
        "InternalError": (500, "We encountered an internal error. Please try again."),
        "InvalidAccessKeyId": (403, "The Access Key Id you provided does not exist in our records."),
        "InvalidArgument": (400, "Invalid Argument."),
        "InvalidBucketState": (409, "The operation is not valid for the bucket's state."),
        "InvalidBucketName": (400, "The specified bucket is not valid."),
        "InvalidDigest": (400, "The Content-MD5 you specified is not valid."),
        "InvalidObjectState": (403, "The operation is not valid for the object's storage class."),
        "InvalidPart": (
            400,
            "A part that you named does not exist, or its ETag is another one.",
        ),
        "InvalidPartOrder": (400, "The list of parts was not in ascending order."),
        "InvalidPolicyDocument": (400, "The policy document is invalid."),
        "InvalidRange": (416, "The requested range is not satisfiable."),
        "InvalidTag": (400, "The tag you provided is invalid."),
        "InvalidURI": (400, "Could not parse the specified URI."),
        "KeyTooLong": (400, "Your key is too long."),
        "MalformedPOSTRequest": (400, "The body of your POST request is not well-formed multipart/form-data."),
        "MalformedXML": (400, "The XML you provided was not well-formed or did not validate against our schema."),
        "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
        "NoSuchBucket": (404, "The specified bucket does not exist."),
        "NoSuchBucketPolicy": (404, "The bucket has no policy."),
        "NoSuchCORSConfiguration": (404, "The bucket has no CORS rules."),
        "NoSuchConfiguration": (404, "The specified configuration does not exist."),
        "NoSuchKey": (404, "The specified key does not exist."),
        "NoSuchLifecycleConfiguration": (404, "The bucket has no lifecycle."),
        "NoSuchTagSet": (404, "The bucket has no tags."),
        "NoSuchUpload": (
            404,
            "The specified upload does not exist: its id may be wrong, or it was aborted or completed.",
        ),
        "NoSuchVersion": (404, "The specified version does not exist."),
        "NoSuchWebsiteConfiguration": (404, "The bucket has no website."),
        "NotImplemented": (501, "A header or operation you provided implies functionality that is not implemented."),
        "ObjectLockConfigurationNotFoundError": (404, "The bucket has no object lock."),
        "ObjectNotAppendable": (409, "The object is not appendable."),
        "PositionNotEqualToLength": (409, "The position is not equal to the length of the object."),
        "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold."),
        "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
        "RestoreAlreadyInProgress": (409, "The object is being restored."),
        "RestoreNonArchiveObject": (405, "The object is not archived."),
        "SlowDown": (503, "Reduce your request rate."),
        "ServiceUnavailable": (503, "Please reduce your request rate."),
        "SignatureDoesNotMatch": (403, "The Signature you specified is invalid."),
        "SymlinkTargetNotExist": (404, "The target of the symbolic link does not exist."),
    }
)

# The reasons are those that the detector command gives, and those for which the emulator itself refuses a picture.
#
# Unproven refusals-of-cos-labels: detect-label refuses a picture with the status 400, and with these codes and
#   messages.
# Why: no page tells how it refuses one.
# Ask: GET a text file with ci-process=detect-label: status and code.
UNLABELLED = PictureRefusals.of_store(
    damaged="ImageDecodeFailed",
    wrong_format="UnsupportedImageFormat",
    formats="Only JPG, JPEG, PNG, and BMP are supported.",
    too_large="The image cannot exceed 3 MB in size.",
    too_many_pixels="The image has too many pixels.",
    too_small="Both sides of the image must have 50 pixels or more.",
)

UNPROCESSED = {
    # How image processing refuses a picture. The numbers are those that https://cloud.tencent.com/document/product/460/8523
    # has for the header X-ErrNo.
    #
    # Unproven codes-of-cos-images: The codes, the messages and the status 400 with which image processing refuses
    #   a picture.
    # Why: the page has the numbers of X-ErrNo only.
    # Ask: GET a text file with imageMogr2/thumbnail/1x1: status, code and X-ErrNo.
    "corrupt": ("ImageDecodeFailed", "The image cannot be decoded.", "-441"),
    "made_too_large": ("ImageTooLarge", "Neither side of the result may have more than 9,999 pixels.", "-442"),
    "out_of_image": ("InvalidArgument", "The area to cut out lies outside of the image.", "-106"),
    "too_large": ("ImageTooLarge", "The image cannot exceed 32 MB in size.", "-167"),
    "too_many_pixels": ("ImageTooLarge", "The image has too many pixels.", "-447"),
    "turned_too_large": ("ImageTooLarge", "The image is too large to be turned.", "-442"),
    "unsupported_format": ("UnsupportedImageFormat", "This image format is not supported.", "-443"),
    "wrong_radius": ("InvalidArgument", "The radius must be less than half of the shorter side.", "-106"),
}


def unprocessed(reason: str) -> Refusal:
    """Return the refusal of a picture that cannot be processed."""
    code, message, number = UNPROCESSED[reason]
    return Refusal(code, message, headers={"X-ErrNo": number})


def render(refusal: Refusal, resource: str, request_id: str, trace_id: str) -> bytes:
    """Return the error document. The vendor's SDK finds no code in it if any of these elements is missing."""
    details = " ".join(f"{name}: {value}." for name, value in refusal.details.items())
    return xml.error_document(
        {
            "Code": refusal.code,
            "Message": f"{TABLE.message(refusal)} {details}".rstrip(),
            "Resource": resource,
            "RequestId": request_id,
            "TraceId": trace_id,
        }
    )
