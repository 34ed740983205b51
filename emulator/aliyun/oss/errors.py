"""Has the codes with which OSS refuses a request, and writes its error documents.

Codes, messages and EC numbers are those of the vendor's pages:
https://help.aliyun.com/en/oss/user-guide/error-handling, the pages http-status-code-400 to -416 beside it, and one page
per EC. Where a page gives no EC, none is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from emulator.core.refusal import ErrorTable, Refusal
from emulator.objectstore import xml
from emulator.objectstore.refusals import PictureRefusals

DOC = "https://api.aliyun.com/troubleshoot?q="

TABLE = ErrorTable(
    {
        "AccessDenied": (403, "You have no right to access this object because of bucket acl."),
        "ArchiveRestoreFileStale": (409, "The archive file or restore info stale"),
        "ArchiveRestoreNotFinished": (409, "The archive file's restore is not finished."),
        "BucketAlreadyExists": (409, "Cannot modify existing bucket's storage class"),
        "BucketReplicationAlreadyExist": (400, "The bucket has a rule for this other bucket already."),
        # Unproven codes-of-missing-tasks: A task of redundancy or a token of a domain that is not there is refused
        #   with these two codes and the status 404.
        # Why: no page has them.
        # Ask: of a new bucket, GET ?redundancyTransition&x-oss-redundancy-transition-taskid=a and
        #   GET ?cname=a.example.com&comp=token: status and code of each.
        "BucketDataRedundancyTransitionNotExist": (404, "The bucket has no such task."),
        "NoSuchCnameToken": (404, "The domain has no token."),
        "BucketNotEmpty": (409, "The bucket you tried to delete is not empty."),
        "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size."),
        "EntityTooSmall": (400, "Your proposed upload is smaller than the minimum allowed size."),
        "FieldItemTooLong": (400, "Your name or value of a form field is too long."),
        "FileAlreadyExists": (409, "The object you specified already exists and can not be overwritten."),
        "FileImmutable": (409, "The file is immutable."),
        "IncompleteBody": (400, "You did not provide the number of bytes specified by the Content-Length HTTP header."),
        "IncorrectNumberOfFilesInPOSTRequest": (400, "POST requires exactly one file upload per request."),
        "InternalError": (500, "We encountered an internal error. Please try again."),
        "InvalidAccessKeyId": (403, "The OSS Access Key Id you provided does not exist in our records."),
        "InvalidArgument": (400, "Invalid argument."),
        "InvalidBucketName": (400, "The specified bucket is not valid."),
        "InvalidDigest": (400, "The Content-MD5 you specified was invalid."),
        "InvalidEncryptionAlgorithmError": (400, "The encryption algorithm is not supported."),
        "InvalidObjectName": (400, "The specified object is not valid."),
        "InvalidObjectState": (403, "The operation is not valid for the object's state."),
        "InvalidPart": (
            400,
            "A part that you named does not exist, or its ETag is another one.",
        ),
        "InvalidPartOrder": (400, "The list of parts was not in ascending order."),
        "InvalidPolicyDocument": (400, "The policy document is invalid."),
        "InvalidRange": (416, "The requested range cannot be satisfied."),
        "InvalidRequest": (400, "The request is invalid."),
        "InvalidSecurityToken": (403, "The security token you provided is invalid."),
        "InvalidWORMConfiguration": (400, "The retention policy is not in the state for this."),
        "InvalidTag": (400, "The TagKey/TagValue you have provided is invalid."),
        "InvalidTargetType": (400, "The target of the symbolic link is a symbolic link."),
        "InvalidTaggingKey": (400, "The tagging key you provided is invalid."),
        "MalformedPOSTRequest": (400, "The body of your POST request is not well-formed multipart/form-data."),
        "MalformedXML": (400, "The XML you provided was not well-formed or did not validate against our schema."),
        "MaxPOSTPreDataLengthExceededError": (
            400,
            "Your POST request fields preceding the upload file were too large.",
        ),
        # Unproven errors-of-worm: The code NoSuchObjectWormConfiguration, and the messages of it, of
        #   NoSuchWORMConfiguration and of MetaQueryNotExist.
        # Why: no page has them.
        # Ask: GET ?objectWorm, GET ?worm and GET ?metaQuery of a bucket that has none of them: status, code
        #   and message.
        "MetaQueryNotExist": (404, "The bucket has no metadata index."),
        "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
        "NoSuchBucket": (404, "The specified bucket does not exist."),
        "NeedVerifyDomainOwnership": (403, "It is not proved that you own the domain."),
        "NoSuchBucketPolicy": (404, "The bucket has no policy."),
        "NoSuchCORSConfiguration": (404, "The CORS Configuration does not exist."),
        "NoSuchInventory": (404, "The inventory does not exist."),
        "NoSuchKey": (404, "The specified key does not exist."),
        "NoSuchLifecycle": (404, "No Row found in Lifecycle Table."),
        "NoSuchLiveChannel": (404, "The specified live channel does not exist."),
        "NoSuchObjectWormConfiguration": (404, "The objects of the bucket have no retention policies of their own."),
        "NoSuchRegion": (404, "The region does not exist."),
        "NoSuchReplicationConfiguration": (404, "The bucket has no rule of replication."),
        "NoSuchReplicationRule": (404, "The bucket has no such rule of replication."),
        "NoSuchServerSideEncryptionRule": (404, "The server side encryption configuration does not exist."),
        "NoSuchStyle": (404, "The style does not exist."),
        "NoSuchTransferAccelerationConfiguration": (404, "The bucket has no setting of transfer acceleration."),
        "NoSuchUpload": (
            404,
            "The specified upload does not exist: its id may be wrong, or it was aborted or completed.",
        ),
        "NoSuchUserDefinedLogFieldsConfig": (404, "The bucket has no log fields of its own."),
        "NoSuchOverwriteConfig": (404, "The bucket has no rules of overwriting."),
        "NoSuchVersion": (404, "The specified version does not exist."),
        "NoSuchWORMConfiguration": (404, "The bucket has no retention policy."),
        "NoSuchWebsiteConfiguration": (404, "The specified bucket does not have a website configuration."),
        "NotImplemented": (501, "A header or operation you provided implies functionality that is not implemented."),
        "ObjectNotAppendable": (409, "The object is not appendable"),
        "OperationNotSupported": (400, "The operation is not supported for this resource"),
        "PartNotSequential": (400, "The part is not the next one of an upload in sequence."),
        "PositionNotEqualToLength": (409, "Position is not equal to file length"),
        "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold."),
        "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
        "ResourceGroupIdPreCheckError": (400, "The resource group does not exist."),
        "RestoreAlreadyInProgress": (409, "The restore operation is in progress."),
        # The codes of requests that are too many: https://www.alibabacloud.com/help/zh/oss/support/429-error and
        # https://help.aliyun.com/zh/oss/support/http-status-code-503.
        "QpsLimitExceeded": (429, "Please reduce your request rate."),
        "TotalQpsLimitExceeded": (503, "Max total qps limit is exceeded."),
        "SecurityTokenExpired": (403, "The security token you provided has expired."),
        "ServiceUnavailable": (503, "The service is unavailable."),
        "SignatureDoesNotMatch": (
            403,
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
        ),
        "SymlinkTargetNotExist": (404, "The symlink target object does not exist"),
        "WORMConfigurationLocked": (403, "The retention policy is locked."),
    }
)
EC_NUMBERS: Mapping[str, str] = {
    "AccessDenied": "0003-00000001",
    "InvalidAccessKeyId": "0002-00000902",
    "InvalidSecurityToken": "0002-00000008",
    "NoSuchBucket": "0015-00000101",
    "NoSuchKey": "0026-00000001",
    "NoSuchWORMConfiguration": "0027-00000009",
    "RequestTimeTooSkewed": "0002-00000504",
    "SecurityTokenExpired": "0002-00000007",
    "SignatureDoesNotMatch": "0002-00000040",
}
"""The EC number of a code, unless the refusal has one of its own."""

# Unproven refusals-of-oss-labels: image/labels refuses a picture with the status 400, and with these codes and
#   messages.
# Why: no page tells how it refuses one.
# Ask: GET a text file with x-oss-process=image/labels, in a bucket that is bound to an IMM project: status, code and
#   EC.
UNLABELLED = PictureRefusals.of_store(
    damaged="BadImage",
    wrong_format="ImageFormatNotSupported",
    formats="Only JPG, PNG, and JPEG are supported.",
    too_large="The image cannot exceed 20 MB in size.",
    too_many_pixels="The image cannot exceed 30,000 pixels a side or 250,000,000 pixels in all.",
    too_small="The image is too small.",
)

UNPROCESSED: Mapping[str, tuple[str, str, str]] = {
    # How image/... refuses a picture. Codes are those of https://help.aliyun.com/en/oss/user-guide/error-response-2326715
    # and https://help.aliyun.com/zh/oss/user-guide/faq-2, which has the message about a rotation; each EC has a page.
    # Unproven codes-of-image-errors: Which code goes with which EC where image processing refuses a picture, and
    #   most messages.
    # Why: each EC has a page of its own, and none of them names the code.
    # Ask: GET a text file with x-oss-process=image/resize,w_1: status, code and EC; the same for each other EC.
    "corrupt": ("BadRequest", "The image cannot be decoded.", ""),
    "made_too_large": ("BadRequest", "The resized image has too many pixels.", "0040-00000007"),
    # https://help.aliyun.com/en/oss/user-guide/custom-crop has this code and this message.
    "out_of_image": ("BadRequest", "Advance cut's position is out of image.", ""),
    "too_large": ("ImageTooLarge", "The image cannot exceed 20 MB in size.", ""),
    "too_many_pixels": ("MemLimitExceeded", "The image has too many pixels.", "0040-00000012"),
    "turned_too_large": ("BadRequest", "Picture exceed the maximum allowable rotation range.", ""),
    "unsupported_format": ("BadRequest", "This image format is not supported.", "0040-00000005"),
}


class OssRefusal(Refusal):
    """A refusal with an EC number of its own, or with "" where the code has several and none is known to fit."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        ec: str | None = None,
        details: Mapping[str, str] | None = None,
        note: str = "",
    ) -> None:
        super().__init__(code, message, details=details, note=note)
        self.ec = ec


def ec_number(refusal: Refusal) -> str:
    """Return the EC number of the refusal, or an empty text if it has none."""
    own = refusal.ec if isinstance(refusal, OssRefusal) else None
    return EC_NUMBERS.get(refusal.code, "") if own is None else own


def unprocessed(reason: str) -> Refusal:
    """Return the refusal of a picture that cannot be processed."""
    code, message, ec = UNPROCESSED[reason]
    return OssRefusal(code, message, ec=ec)


def render(refusal: Refusal, host: str, request_id: str) -> bytes:
    """Return the error document: https://help.aliyun.com/en/oss/user-guide/error-handling."""
    values = {"Code": refusal.code, "Message": TABLE.message(refusal), "RequestId": request_id, "HostId": host}
    values |= refusal.details
    if ec := ec_number(refusal):
        values |= {"EC": ec, "RecommendDoc": DOC + ec}
    return xml.error_document(values)


def header_form(document: bytes) -> str:
    """Return the document in the form in which an answer to HEAD carries it, in `x-oss-err`."""
    return base64.b64encode(document).decode()
