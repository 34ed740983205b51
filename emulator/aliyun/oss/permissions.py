"""What another account, or an anonymous request, may do with a bucket.

Another account may do what the policy of the bucket allows it, and what is open to all. Where requesters pay, it must
say with x-oss-request-payer that it will, and nobody may come without a key:
https://help.aliyun.com/en/oss/user-guide/bucket-policy, https://help.aliyun.com/en/oss/user-guide/enable-pay-by-requester-1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from emulator.aliyun import account
from emulator.aliyun.oss.errors import OssRefusal
from emulator.aliyun.oss.writing import source_name
from emulator.objectstore import access
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import not_built
from emulator.objectstore.stored import SYMLINK

PAYER, COPY_SOURCE = "x-oss-request-payer", "x-oss-copy-source"
ALL_ACTIONS = ("*", "oss:*")
FIELDS = frozenset({"Sid", "Effect", "Action", "Principal", "Resource"})
"""A statement with another field, such as Condition or NotResource, cannot be judged."""


def check_other_account(context: StoreContext, call: Call) -> None:
    """Raise a Refusal unless the bucket, and that of the source of a copy, let the other account do this."""
    if not call.bucket:
        raise OssRefusal("AccessDenied")
    context.bucket(call)
    if call.method == "POST" and "x-oss-process" in call.query:
        raise not_built("POST ?x-oss-process for another account")
    if call.method == "POST" and "delete" in call.query and not call.key:
        _check_all_objects(context, call.bucket)
    places = _places(context, call)
    open_to_all = not call.header(COPY_SOURCE) and access.open_to_all(context, call, ("x-oss-process",))
    for bucket, key in places:
        effects = _effects(context, bucket, key)
        if "Deny" in effects or not (open_to_all or "Allow" in effects):
            raise OssRefusal("AccessDenied")
        payer = call.header(PAYER) or call.query.get(PAYER, "")
        if _requester_pays(context, bucket) and payer != "requester":
            message = f"The requesters of this bucket pay, so {PAYER} must be requester."
            raise OssRefusal("AccessDenied", message, ec="0003-00000702")


def _places(context: StoreContext, call: Call) -> list[tuple[str, str]]:
    """Return the buckets and keys that the call names, and those to which a link leads that it reads.

    A link gives nobody more than its target does: https://help.aliyun.com/en/oss/developer-reference/putsymlink.
    """
    places, reads = [(call.bucket, call.key)], list[tuple[str, str, str]]()
    if call.method in ("GET", "HEAD") and call.key:
        reads.append((call.bucket, call.key, call.query.get("versionId", "")))
    if call.header(COPY_SOURCE):
        source = source_name(call)
        places.append(source[:2])
        reads.append(source)
    for bucket, key, version in reads:
        stored = context.store.version(bucket, key, version)
        if stored is not None and stored.kind == SYMLINK:
            places.append((bucket, stored.headers[context.dialect.link_target]))
    return places


def _check_all_objects(context: StoreContext, bucket: str) -> None:
    """Raise a Refusal unless the policy lets the other account do everything with every object of the bucket.

    A batch deletion names its objects in its body, which has not come yet. So one that the policy allows for some
    objects only is refused as a whole, which is stricter than the service.
    """
    resource = f"{_resource(context, bucket)}/"
    allowed = False
    for statement in _statements(context, bucket):
        patterns = [pattern for pattern in _texts(statement, "Resource") if pattern.endswith("*")]
        if statement.get("Effect") != "Allow":
            raise OssRefusal("AccessDenied")
        allowed = allowed or any(_matches(resource, pattern) for pattern in patterns)
    if not allowed:
        raise OssRefusal("AccessDenied")


def check_anonymous(context: StoreContext, call: Call) -> None:
    """Raise a Refusal if a request without a signature is for a bucket whose requesters pay."""
    if _requester_pays(context, call.bucket):
        message = "The requesters of this bucket pay, so a request must be signed."
        raise OssRefusal("AccessDenied", message, ec="0003-00000701")


def _requester_pays(context: StoreContext, bucket: str) -> bool:
    return "<Payer>Requester<" in (context.store.settings.get(bucket, "requestPayment") or "")


def _effects(context: StoreContext, bucket: str, key: str) -> set[str]:
    """Return what the policy of the bucket says of this: Allow, Deny, both or nothing."""
    resource = _resource(context, bucket) + (f"/{key}" if key else "")
    return {
        str(statement.get("Effect"))
        for statement in _statements(context, bucket)
        if any(_matches(resource, pattern) for pattern in _texts(statement, "Resource"))
    }


def _resource(context: StoreContext, bucket: str) -> str:
    return f"acs:oss:{context.region}:{account.ACCOUNT}:{bucket}"


def _statements(context: StoreContext, bucket: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of the policy about the other account. One that cannot be judged is refused."""
    policy = json.loads(context.store.settings.get(bucket, "policy") or "{}")
    for statement in [*policy.get("Statement", []), *policy.get("statement", [])]:
        if not isinstance(statement, dict):
            raise not_built("a bucket policy with a statement that is no object, for another account")
        if unknown := statement.keys() - FIELDS:
            raise not_built(f"a bucket policy with {min(unknown)}, for another account")
        if not {account.OTHER_ACCOUNT, "*"} & set(_texts(statement, "Principal")):
            continue
        if not set(ALL_ACTIONS) & set(_texts(statement, "Action")):
            raise not_built("a bucket policy for another account with other actions than oss:*")
        yield statement


def _matches(resource: str, pattern: str) -> bool:
    return fnmatchcase(resource, pattern.replace("[", "[[]"))


def _texts(statement: dict[str, Any], name: str) -> list[str]:
    """Return the texts in a field of a statement, which may be a single one."""
    value = statement.get(name)
    values = value if isinstance(value, list) else [value]
    texts = [text for text in values if isinstance(text, str)]
    if len(texts) < len(values):
        raise not_built(f"a bucket policy with a {name} that has no texts, for another account")
    return texts
