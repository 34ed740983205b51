"""Says what a refusal by Simple Message Queue means to us, and why a request got no answer.

https://www.alibabacloud.com/help/en/message-service/latest/syntax-of-error-responses
"""

from __future__ import annotations

import requests

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET
from imagelabels.providers.aliyun.endpoints import hint
from imagelabels.providers.kit import network

FAILED = Meaning(Unavailable, "store_error", "the queue's service failed")
ANSWER = Meaning(Unavailable, "store_error", "the answer of the queue's service was cut short or cannot be read")
NETWORK = Meaning(Unavailable, "store_error", "the connection to the queue's service failed")
TIMEOUT = Meaning(Unavailable, "timeout", "the queue's service did not answer in time")
UNKNOWN = Meaning(Unavailable, "store_error", "the queue's service refused the request with an unknown error code")
THROTTLED = Meaning(Unavailable, "throttled", "the queue gets too many requests: try again later")
CLOCK = Meaning(Unavailable, "store_error", "this machine's clock is too far off the service's: correct it")
FORBIDDEN = Meaning(Misconfigured, "forbidden", "forbidden: give the owner of the keys {permission} on the queue")
NO_QUEUE = Meaning(
    Misconfigured,
    "forbidden",
    "there is no such queue: check its name, FC_REGION and IMAGELABELS_FC_ACCOUNT_ID, which must be those of the queue",
)
REQUEST = Meaning(Misconfigured, "forbidden", "refused: check the queue's name and IMAGELABELS_ENDPOINT_SMQ")

_CODES = {
    "AccessDenied": FORBIDDEN,
    "NoPermission": FORBIDDEN,
    "InvalidAccessKeyId": NO_SUCH_KEY,
    "SignatureDoesNotMatch": WRONG_SECRET,
    "InvalidAuthorizationHeader": WRONG_SECRET,
    "TimeExpired": CLOCK,
    "InvalidDateHeader": CLOCK,
    "QueueNotExist": NO_QUEUE,
    "InvalidQueueName": NO_QUEUE,
    "QueueNameLengthError": NO_QUEUE,
    "QpsLimitExceeded": THROTTLED,
    "InternalError": FAILED,
    "InternalServerError": FAILED,
    "InvalidArgument": REQUEST,
    "InvalidRequestURL": REQUEST,
    "InvalidQueryString": REQUEST,
}
_STATUSES = {403: FORBIDDEN, 408: TIMEOUT, 429: THROTTLED, 503: THROTTLED}


def refused(status: int, code: str, words: str, temporary: bool) -> Meaning:
    """Look up what an answer of that status and code means, with the service's words.

    `temporary` says that the request was signed with keys that the service forgets when they have expired.
    """
    known = _CODES.get(code)
    # Unproven code-of-expired-smq-token: The service may refuse an expired token with the code of a missing
    #   permission, with that of an unknown key, or with one that has the word SecurityToken in it.
    # Why: the page of the codes has none for tokens.
    # Ask: ReceiveMessage with a security token that has expired: status, code and message.
    forgotten = known is NO_SUCH_KEY or (known is FORBIDDEN and "expired" in words)
    if "SecurityToken" in code or (temporary and forgotten):
        return calls.KEYS_EXPIRED
    return known or _STATUSES.get(status, FAILED if status >= 500 else UNKNOWN)


def unanswered(error: requests.RequestException) -> Meaning:
    """Look up what it means that there is no answer."""
    if (known := network.meaning(error)) is not None:
        return TIMEOUT if known is calls.TIMEOUT else known
    if isinstance(error, requests.Timeout):
        return TIMEOUT
    cut = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    return ANSWER if isinstance(error, cut) else NETWORK


def raised_for(meaning: Meaning, call: Call, facts: tuple[str, ...], words: str = "") -> Exception:
    """Return the error to raise for an answer, with what may always be told of it and the service's own words."""
    return calls.raised(meaning, call, facts, words)


def raised_without_answer(error: requests.RequestException, call: Call) -> Exception:
    """Return the error to raise for a request that got no answer. What requests says may hold the signature."""
    host = network.host(error)
    return calls.raised(unanswered(error), call, [type(error).__name__], "", host, hint(host))
