"""Tasks that change the redundancy of a bucket, as settings. No task ever begins, so each stays in the queue.

https://help.aliyun.com/en/oss/developer-reference/createbucketdataredundancytransition and the pages beside it.
"""

from __future__ import annotations

import secrets

from emulator.core.refusal import Refusal
from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document

SETTING, ROOT = "redundancyTransition", "BucketDataRedundancyTransition"
TARGET, TASK = "x-oss-target-redundancy-type", "x-oss-redundancy-transition-taskid"


async def create(context: StoreContext, call: Call) -> Reply:
    bucket, target = context.bucket(call), call.query.get(TARGET, "")
    if target != "ZRS" or bucket.redundancy == "ZRS":
        raise invalid(TARGET, target, "A bucket can only be changed from LRS to ZRS.")
    if context.store.settings.count(call.bucket, SETTING):
        raise Refusal("BucketDataRedundancyTransitionExists", "The bucket has a task already.")
    task = secrets.token_hex(16)
    facts = {"Bucket": call.bucket, "TaskId": task, "Status": "Queueing", "CreateTime": times.iso(context.clock())}
    kept = xml.element(ROOT, *(xml.text(name, value) for name, value in facts.items()))
    context.store.settings.put(call.bucket, SETTING, task, kept)
    return document(xml.document(ROOT, xml.text("TaskId", task)))


async def get(context: StoreContext, call: Call) -> Reply:
    """Answer with the named task, or with those of the bucket."""
    context.bucket(call)
    if TASK in call.query:
        return document(xml.HEAD + _task(context, call).encode())
    return _listing(context, [call.bucket])


async def of_account(context: StoreContext, call: Call) -> Reply:
    return _listing(context, [bucket.name for bucket in context.store.buckets()])


async def delete(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    _task(context, call)
    context.store.settings.remove(call.bucket, SETTING, call.query[TASK])
    return Reply(204)


def _task(context: StoreContext, call: Call) -> str:
    kept = context.store.settings.get(call.bucket, SETTING, call.query.get(TASK, ""))
    if kept is None:
        raise Refusal("BucketDataRedundancyTransitionNotExist")
    return kept


def _listing(context: StoreContext, buckets: list[str]) -> Reply:
    """Answer with all tasks. A bucket has one at most, so that one answer can have them all."""
    tasks = [kept for name in buckets for _, kept in context.store.settings.named(name, SETTING, "", "", 1)]
    return document(xml.document(f"List{ROOT}", xml.text("IsTruncated", "false"), *tasks))
