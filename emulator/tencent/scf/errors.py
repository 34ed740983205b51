"""Has the codes with which Serverless Cloud Function refuses a request, and writes its error documents.

The vendor's pages describe the codes, and have no fixed messages. All answers have the status 200.
"""

from __future__ import annotations

from emulator.core.refusal import ErrorTable, Refusal

TABLE = ErrorTable(
    {
        # https://cloud.tencent.com/document/product/1388/114322 has the codes of all services, and the vendor's client
        # (tencentcloud/scf/v20180416/errorcodes.py) those of SCF.
        "AuthFailure.InvalidAuthorization": (200, "The header Authorization does not have the form of a signature."),
        "AuthFailure.SecretIdNotFound": (
            200,
            "The SecretId is not found, please ensure that your SecretId is correct.",
        ),
        "AuthFailure.SignatureExpire": (200, "The time of the signature is too far from the current time."),
        "AuthFailure.SignatureFailure": (
            200,
            "The provided credentials could not be validated. Please check your signature is correct.",
        ),
        "AuthFailure.TokenFailure": (200, "The token is invalid or has expired."),
        "InternalError": (200, "An internal error has occurred. Please retry."),
        "InvalidParameter.Payload": (200, "The event is not JSON."),
        "NoSuchVersion": (200, "The version of the API does not exist."),
        "RequestLimitExceeded": (200, "The requests of this second exceed the frequency limit."),
        "RequestSizeLimitExceeded": (200, "The request is larger than 10 MB."),
        "FailedOperation.AsyncEventStatus": (200, "The asynchronous event is not running."),
        "ResourceNotFound.AsyncEvent": (200, "The asynchronous event does not exist."),
        "ResourceNotFound.FunctionName": (200, "The function does not exist."),
        "UnsupportedProtocol": (200, "The emulator takes POST requests for the path / only."),
    }
)


def document(refusal: Refusal) -> dict[str, object]:
    """Return what an answer has in place of a result."""
    return {"Error": {"Code": refusal.code, "Message": TABLE.message(refusal)}}
