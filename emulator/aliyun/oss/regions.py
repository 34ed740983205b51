"""The regions of OSS. A bucket is in the region at whose host name it was created, and is reached only there.

At a host name of no region, such as that of this machine, every bucket is reached, and a new one is in the region of
the emulator.
"""

from __future__ import annotations

from emulator.aliyun.oss import names
from emulator.aliyun.oss.errors import OssRefusal
from emulator.core.refusal import Refusal
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext

REGIONS = (
    *("cn-hangzhou", "cn-shanghai", "cn-nanjing", "cn-fuzhou", "cn-wuhan-lr", "cn-qingdao", "cn-beijing"),
    *("cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu"),
    *("cn-hongkong", "us-west-1", "us-east-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-3"),
    *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "eu-central-1", "eu-west-1", "me-east-1", "ap-south-1"),
)
"""https://help.aliyun.com/en/oss/user-guide/regions-and-endpoints."""
KEPT = "region"
"""The name under which the region of a bucket is kept among its settings, if it is not that of the emulator."""


def of_host(call: Call) -> str:
    """Return the region in the host name of a request, or an empty text."""
    host = names.HOST.fullmatch(call.endpoint)
    return host[3] if host is not None else ""


def of_bucket(context: StoreContext, bucket: str) -> str:
    return context.store.settings.get(bucket, KEPT) or context.region


def endpoint(context: StoreContext, call: Call, bucket: str) -> str:
    """Return the address at which the client of this request reaches the bucket."""
    asked, region = of_host(call), of_bucket(context, bucket)
    return call.endpoint.replace(f"oss-{asked}", f"oss-{region}", 1) if asked else call.endpoint


def keep(context: StoreContext, call: Call) -> None:
    """Note the region of a bucket that has just been created."""
    region = of_host(call)
    if region and region != context.region:
        context.store.settings.put(call.bucket, KEPT, "", region)


def check(context: StoreContext, call: Call) -> None:
    """Refuse a bucket at the host name of another region: https://help.aliyun.com/en/oss/user-guide/0003-00001403."""
    asked, region = of_host(call), of_bucket(context, call.bucket)
    if context.store.bucket(call.bucket) is None and asked in REGIONS:
        return
    if asked not in ("", region):
        message = (
            "The bucket you are attempting to access must be addressed using the specified endpoint."
            " Please send all future requests to this endpoint."
        )
        endpoint = f"oss-{region}.aliyuncs.com"
        raise OssRefusal("AccessDenied", message, ec="0003-00001403", details={"Endpoint": endpoint})


# Unproven code-of-copy-between-regions: A copy from a bucket of another region is refused with InvalidRequest.
# Why: the page of CopyObject says that it is refused, and not with which code.
# Ask: copy an object from a bucket of another region: status, code and EC.
def check_copy(context: StoreContext, call: Call, source: str) -> None:
    """Refuse to copy from a bucket of another region: https://help.aliyun.com/en/oss/developer-reference/copyobject."""
    if of_bucket(context, source) != of_bucket(context, call.bucket):
        raise Refusal("InvalidRequest", "The source of a copy must be in the region of the bucket.")
