"""Refusals of Function Compute, with what they mean. Both versions of its API have them in common."""

from __future__ import annotations

from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable

REFUSALS: list[tuple[int, str, str, type[LabelingError], str]] = [
    (400, "InvalidArgument", "'x'", Misconfigured, "forbidden"),
    (400, "MissingRequiredHeader", "", Misconfigured, "forbidden"),
    (400, "PathNotSupported", "", Misconfigured, "forbidden"),
    (400, "EntityTooLarge", "payload size exceeds maximum allowed size (131072 bytes)", Rejected, "too_large"),
    (413, "", "", Rejected, "too_large"),
    (403, "AccessDenied", "not for you", Misconfigured, "forbidden"),
    (403, "SignatureNotMatch", "", Misconfigured, "forbidden"),
    (403, "InvalidAccessKeyID", "invalid access key ID 'x'", Unavailable, "credentials_expired"),
    (403, "AccessDenied", "the token has expired", Unavailable, "credentials_expired"),
    (403, "InvalidSecurityToken.Expired", "", Unavailable, "credentials_expired"),
    (400, "InvalidTimeStamp.Expired", "", Unavailable, "store_error"),
    (404, "ServiceNotFound", "service 'a' does not exist", Misconfigured, "forbidden"),
    (404, "FunctionNotFound", "function 'a' does not exist", Misconfigured, "forbidden"),
    (404, "", "", Misconfigured, "forbidden"),
    (412, "CAExited", "The function cannot be started.", Misconfigured, "forbidden"),
    (429, "ResourceExhausted", "", Unavailable, "throttled"),
    (503, "ResourceThrottled", "", Unavailable, "throttled"),
    (429, "Throttling.User", "", Unavailable, "throttled"),
    (499, "ClientClosedRequest", "", Unavailable, "timeout"),
    (504, "", "", Unavailable, "timeout"),
    (500, "InternalServerError", "", Unavailable, "store_error"),
    (502, "", "", Unavailable, "store_error"),
    (418, "Teapot", "", Unavailable, "store_error"),
]
"""Status, code, message; and the error and the reason for keys that are temporary."""
