"""Reads the arguments and the environment, and says clearly what is missing."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from tests.conformance.refusing import Refused
from tests.conformance.side import PREFIX
from tests.conformance.stores import Keys

VARIABLES = {
    "aliyun": ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"),
    "tencent": ("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN"),
}
HOSTS = {
    "aliyun": re.compile(r"oss-([a-z]+(?:-[a-z0-9]+)+?)(?:-internal)?\.aliyuncs\.com"),
    "tencent": re.compile(r"cos\.([a-z]+(?:-[a-z0-9]+)+)\.(?:myqcloud\.com|tencentcos\.cn)"),
}
INSTANCE = re.compile(
    r"([a-z][a-z0-9-]{1,14}[a-z0-9])\.[a-z0-9-]+\.(?:vpc\.)?(?:ots\.aliyuncs|tablestore\.aliyuncs)\.com"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, checked."""

    cloud: str
    endpoint: str
    region: str
    bucket: str
    throwaway: str
    prefix: str
    instance: str
    """The address of a Tablestore instance. It is empty if Tablestore is not asked."""
    instance_name: str
    keys: Keys = field(repr=False)
    requests: int
    money: Decimal
    emulator: str
    yes: bool
    clean_up: bool


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="tests.conformance",
        description="Sends requests of docs/unproven.md to a real account and to the emulator, and prints which answers"
        " are equal. Without --yes it only prints what it would send.",
    )
    top.add_argument(
        "--endpoint", default="", metavar="URL", help="of OSS or COS, as https://oss-cn-hangzhou.aliyuncs.com"
    )
    top.add_argument("--bucket", default="", help="a bucket of the account; of COS with the APPID")
    top.add_argument("--cloud", default="", choices=["", *VARIABLES], help="unless the endpoint tells it")
    top.add_argument("--region", default="", help="unless the endpoint tells it")
    top.add_argument(
        "--prefix", default="imagelabels-conformance/", help="nothing else is touched (default: %(default)s)"
    )
    top.add_argument(
        "--throwaway-bucket",
        default="",
        metavar="BUCKET",
        help="an empty bucket whose settings may be read and changed",
    )
    top.add_argument(
        "--instance", default="", metavar="URL", help="of Tablestore, as https://a.cn-hangzhou.ots.aliyuncs.com"
    )
    top.add_argument("--instance-name", default="", help="unless the address of the instance tells it")
    top.add_argument("--emulator", default="", metavar="URL", help="one that runs already (default: start one)")
    top.add_argument("--max-requests", type=int, default=400, metavar="N", help="default: %(default)s")
    top.add_argument("--max-cny", default="2", metavar="AMOUNT", help="default: %(default)s")
    top.add_argument("--yes", action="store_true", help="send the requests")
    top.add_argument("--clean-up", action="store_true", help="only remove what an earlier run left behind")
    return top


def wanted(argv: Sequence[str] | None, environ: Mapping[str, str]) -> Wanted:
    """Return what was asked for. Refused says what is wrong, and what to do."""
    args = parser().parse_args(argv)
    if not args.endpoint and not args.instance:
        raise Refused("name a bucket with --endpoint and --bucket (ENDPOINT, BUCKET), or --instance (INSTANCE)")
    if args.endpoint and not args.bucket:
        raise Refused("name the bucket with --bucket (BUCKET)")
    for option, value in (("--endpoint", args.endpoint), ("--instance", args.instance), ("--emulator", args.emulator)):
        if value and not re.fullmatch(r"https?://[^/\s@?#]+/?", value):
            raise Refused(f"{option} is an address like https://oss-cn-hangzhou.aliyuncs.com, without a key or a path")
    if not PREFIX.fullmatch(args.prefix):
        raise Refused(f"--prefix is a name that ends in a slash, as conformance/, not {args.prefix!r}")
    if args.throwaway_bucket and args.throwaway_bucket == args.bucket:
        raise Refused("--throwaway-bucket must be another bucket than --bucket: its settings are changed")
    cloud = _cloud(args)
    return Wanted(
        cloud,
        args.endpoint.rstrip("/"),
        _region(args, cloud) if args.endpoint else "",
        args.bucket,
        args.throwaway_bucket,
        args.prefix,
        args.instance.rstrip("/"),
        _instance_name(args),
        _keys(cloud, environ),
        *_limits(args),
        args.emulator.rstrip("/"),
        args.yes,
        args.clean_up,
    )


def _limits(args: argparse.Namespace) -> tuple[int, Decimal]:
    try:
        money = Decimal(args.max_cny)
    except InvalidOperation:
        money = Decimal("NaN")
    if not money.is_finite() or money < 0 or args.max_requests < 0:
        raise Refused("--max-requests and --max-cny are numbers from 0")
    return args.max_requests, money


def _cloud(args: argparse.Namespace) -> str:
    host = urlsplit(args.endpoint).hostname or ""
    told = [name for name, form in HOSTS.items() if form.fullmatch(host)]
    if args.instance and not args.endpoint:
        told = ["aliyun"]
    cloud = str(args.cloud or (told[0] if told else ""))
    if not cloud:
        raise Refused(f"{host} is not an address of OSS or COS: say --cloud aliyun or --cloud tencent (CLOUD)")
    if told and told[0] != cloud:
        raise Refused(f"{host} is an address of {told[0]}, not of {cloud}")
    if args.instance and cloud != "aliyun":
        raise Refused("--instance is Alibaba Cloud's Tablestore, which COS does not go with: run the program twice")
    return cloud


def _region(args: argparse.Namespace, cloud: str) -> str:
    told = HOSTS[cloud].fullmatch(urlsplit(args.endpoint).hostname or "")
    region = str(args.region or (told[1] if told else ""))
    if not region:
        raise Refused("the endpoint does not tell the region: name it with --region (REGION)")
    return region


def _instance_name(args: argparse.Namespace) -> str:
    told = INSTANCE.fullmatch(urlsplit(args.instance).hostname or "")
    name = str(args.instance_name or (told[1] if told else ""))
    if args.instance and not name:
        raise Refused("the address does not tell the name of the instance: name it with --instance-name")
    return name


def _keys(cloud: str, environ: Mapping[str, str]) -> Keys:
    key_id, secret, token = (environ.get(name, "").strip() for name in VARIABLES[cloud])
    if not key_id or not secret:
        raise Refused(f"no credentials: set {VARIABLES[cloud][0]} and {VARIABLES[cloud][1]}")
    return Keys(key_id, secret, token)
