"""The texts that clients of OSS sign, in version 1 and in version 4 of its signatures.

https://help.aliyun.com/en/oss/developer-reference/include-signatures-in-the-authorization-header (V1) and
https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4 (V4).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Set as AbstractSet
from functools import lru_cache
from urllib.parse import quote

from emulator.objectstore.call import Call

V4 = "OSS4-HMAC-SHA256"
TERMINATOR = "aliyun_v4_request"
UNSIGNED = "UNSIGNED-PAYLOAD"

_SUBRESOURCES_WORDS = (
    "accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback callback-var "
    "cname comp continuation-token cors delete encryption endTime group httpsConfig inventory inventoryId lifecycle "
    "link live location logging metaQuery objectInfo objectMeta partNumber policy position publicAccessBlock qos "
    "qosInfo qosRequester redundancyTransition referer regionList replication replicationLocation replicationProgress "
    "requestPayment requesterQosInfo resourceGroup resourcePool resourcePoolBuckets resourcePoolInfo "
    "response-cache-control response-content-disposition response-content-encoding response-content-language "
    "response-content-type response-expires restore security-token sequential startTime stat status style styleName "
    "symlink tagging transferAcceleration uploadId uploads versionId versioning versions vod website worm wormExtend "
    "wormId x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-access-point-name "
    "x-oss-async-process x-oss-process x-oss-redundancy-transition-taskid x-oss-request-payer "
    "x-oss-target-redundancy-type x-oss-traffic-limit x-oss-write-get-object-response"
)
SUBRESOURCES = frozenset(_SUBRESOURCES_WORDS.split())
"""The query parameters that are part of a V1 resource."""
NEWER = frozenset(
    {
        "cleanRestoredObject",
        "cloudboxes",
        "legalHold",
        "objectWorm",
        "overwriteConfig",
        "policyStatus",
        "retention",
        "rtc",
        "userDefinedLogFieldsConfig",
    }
)
"""The parameters that newer clients (alibabacloud-oss-v2) sign as part of a V1 resource, and oss2 does not."""
_PARAMETERS_WORDS = (
    "Expires OSSAccessKeyId Signature security-token x-oss-additional-headers x-oss-credential x-oss-date "
    "x-oss-expires x-oss-security-token x-oss-signature x-oss-signature-version"
)
PARAMETERS = frozenset(_PARAMETERS_WORDS.split())
"""The query parameters that carry a signature in a URL."""


def v1_texts(call: Call, date: str) -> list[bytes]:
    """Return the texts that a client may have signed: two if the query has a parameter of NEWER, else one."""
    texts = [_v1_text(call, date, SUBRESOURCES)]
    if any(name in NEWER for name, _ in call.params):
        texts.append(_v1_text(call, date, SUBRESOURCES | NEWER))
    return texts


def _v1_text(call: Call, date: str, subresources: frozenset[str]) -> bytes:
    """Return the text for these subresources. `date` is the Date header, or the parameter Expires of a signed URL."""
    ours = sorted((k, v) for k, v in call.headers.items() if k.startswith("x-oss-"))
    resource = f"/{call.bucket}/{call.key}" if call.bucket else "/"
    signed = sorted((k, v) for k, v in call.params if k in subresources)
    if signed:
        resource += "?" + "&".join(f"{k}={v}" if v else k for k, v in signed)
    lines = [call.method, call.header("content-md5"), call.header("content-type"), date]
    return _bytes("\n".join(lines) + "\n" + "".join(f"{k}:{v}\n" for k, v in ours) + resource)


def v1_signature(secret: str, text: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text, "sha1")).decode()


def v4_requests(call: Call, additional: list[str]) -> list[bytes]:
    """Return the canonical requests that a client may have signed. The first is that of the vendor's page.

    The page writes a parameter without a value as its name alone. The vendor's SDK for Node does so only with
    subresources, and writes prefix= where its user lists with an empty prefix.
    """
    requests = [_v4_request(call, additional, frozenset())]
    if with_sign := {name for name, value in call.params if not value} - SUBRESOURCES:
        requests.append(_v4_request(call, additional, with_sign))
    return requests


def _v4_request(call: Call, additional: list[str], with_sign: AbstractSet[str]) -> bytes:
    """Return the canonical request in which the parameters `with_sign` have an equals sign though they have no value.

    Its path begins with the bucket, even where the host name does too.
    """
    path = f"/{call.bucket}/{call.key}" if call.bucket else "/"
    params = sorted((_quote(k), _quote(v), k in with_sign) for k, v in call.params if k != "x-oss-signature")
    signed = sorted(
        (k, v)
        for k, v in call.headers.items()
        if k.startswith("x-oss-") or k in ("content-type", "content-md5") or k in additional
    )
    lines = [
        call.method,
        _quote(path, "/"),
        "&".join(f"{k}={v}" if v or sign else k for k, v, sign in params),
        "".join(f"{k}:{v}\n" for k, v in signed),
        ";".join(additional),
        call.headers.get("x-oss-content-sha256", UNSIGNED),
    ]
    return _bytes("\n".join(lines))


def v4_text(request: bytes, date: str, scope: str) -> bytes:
    """Return the text to sign.

    `date` is like 20261121T085821Z, and `scope` like 20261121/cn-hangzhou/oss/aliyun_v4_request.
    """
    return "\n".join([V4, date, scope, hashlib.sha256(request).hexdigest()]).encode()


def v4_signature(secret: str, scope: str, text: bytes) -> str:
    return hmac.digest(_v4_key(secret, scope), text, "sha256").hex()


@lru_cache(64)
def _v4_key(secret: str, scope: str) -> bytes:
    key = b"aliyun_v4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _quote(value: str, safe: str = "") -> str:
    return quote(_bytes(value), safe=safe)


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
