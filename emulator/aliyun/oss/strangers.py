"""What another account, or somebody without a key, may do with a bucket.

Another account may do what the policy of the bucket allows it, and what is open to all. Where requesters pay, it must
say with x-oss-request-payer that it will, and nobody may come without a key:
https://help.aliyun.com/en/oss/user-guide/bucket-policy, https://help.aliyun.com/en/oss/user-guide/enable-pay-by-requester-1.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from emulator.aliyun import account
from emulator.aliyun.oss.errors import OssRefusal
from emulator.aliyun.oss.writing import source_name
from emulator.objectstore import access
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import not_built

PAYER = "x-oss-request-payer"
ALL_ACTIONS = ("*", "oss:*")
UNBUILT = ("Condition", "NotAction", "NotPrincipal", "NotResource")


def check(context: StoreContext, call: Call) -> None:
    """Raise a Refusal unless the bucket, and that of the source of a copy, let the other account do this."""
    if not call.bucket:
        raise OssRefusal("AccessDenied")
    context.bucket(call)
    if call.method == "POST" and "x-oss-process" in call.query:
        raise not_built("POST ?x-oss-process for another account")
    places = [(call.bucket, call.key)]
    if call.header("x-oss-copy-source"):
        places.append(source_name(call)[:2])
    open_to_all = len(places) == 1 and access.open_to_all(context, call, ("x-oss-process",))
    for bucket, key in places:
        if not open_to_all and not _allowed(context, bucket, key):
            raise OssRefusal("AccessDenied")
        payer = call.header(PAYER) or call.query.get(PAYER, "")
        if _requester_pays(context, bucket) and payer != "requester":
            message = f"The requesters of this bucket pay, so {PAYER} must be requester."
            raise OssRefusal("AccessDenied", message, ec="0003-00000702")


def check_unsigned(context: StoreContext, call: Call) -> None:
    """Raise a Refusal if a request without a signature is for a bucket whose requesters pay."""
    if _requester_pays(context, call.bucket):
        message = "The requesters of this bucket pay, so a request must be signed."
        raise OssRefusal("AccessDenied", message, ec="0003-00000701")


def _requester_pays(context: StoreContext, bucket: str) -> bool:
    return "<Payer>Requester<" in (context.store.settings.get(bucket, "requestPayment") or "")


def _allowed(context: StoreContext, bucket: str, key: str) -> bool:
    """Tell whether the policy of the bucket has a statement that allows this, and none that forbids it."""
    policy = json.loads(context.store.settings.get(bucket, "policy") or "{}")
    statements = policy.get("Statement", [])
    resource = f"acs:oss:{context.region}:{account.ACCOUNT}:{bucket}" + (f"/{key}" if key else "")
    effects = [
        statement.get("Effect")
        for statement in (statements if isinstance(statements, list) else [statements])
        if isinstance(statement, dict) and _concerns(statement, resource)
    ]
    return "Allow" in effects and "Deny" not in effects


def _concerns(statement: dict[str, Any], resource: str) -> bool:
    """Tell whether a statement is about the other account and the resource. One that cannot be judged is refused."""
    if unbuilt := next((name for name in UNBUILT if name in statement), ""):
        raise not_built(f"a bucket policy with {unbuilt}, for another account")
    if not {account.STRANGER, "*"} & set(_texts(statement.get("Principal"))):
        return False
    if not any(fnmatchcase(resource, pattern.replace("[", "[[]")) for pattern in _texts(statement.get("Resource"))):
        return False
    if not set(ALL_ACTIONS) & set(_texts(statement.get("Action"))):
        raise not_built("a bucket policy for another account with other actions than oss:*")
    return True


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]
