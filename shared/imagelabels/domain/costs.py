"""Computes what it costs to label pictures and what a deployment costs while nothing happens.

The numbers of calls are those that docs/architecture.md lists for one new picture. The times that a function is billed
for, the size of a log line and the size of a row are assumptions; docs/costs.md names each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from imagelabels.domain.prices import Charged, Estimate, Line, Prices

MONTH_DAYS = 30
MONTH_HOURS = MONTH_DAYS * 24
"""A month has 30 days here. OSS uses the same number when it bills tags by the hour."""

_Need = tuple[str, str, str]
"""A price's id, the quantity that one picture needs of it, and why it needs that much."""

_STORE_ALIYUN: tuple[_Need, ...] = (
    ("oss-get", "6", "3 HEAD, the file's beginning, the tags, and the detector's look at the picture"),
    ("oss-put", "1", "1 write of tags"),
)
_STORE_TENCENT: tuple[_Need, ...] = (
    ("cos-requests", "7", "3 HEAD, the file's beginning, 1 read and 1 write of tags, and the detector's look"),
)
_INDEX: tuple[_Need, ...] = (
    (
        "tablestore-write",
        "8",
        "8 rows of at most 4 KB are written: lock, claim, budget, answer twice, row, history, change",
    ),
    ("tablestore-read", "7", "each of these writes but the last has a condition, for which the row is read"),
)
_FC_CLOUD: _Need = ("fc-cu", "0.3975", "0.6 s with half a vCPU and 1 GB, and one invocation")
_FC_EMBEDDED: _Need = ("fc-cu", "0.2375", "0.2 s with a vCPU and 1 GB, and one invocation")
_SLS: _Need = ("sls-ingest", "0.000001", "1 kB of log for each event")
_SCF: tuple[_Need, ...] = (
    ("scf-calls", "1", "one invocation"),
    ("scf-traffic", "0.00001", "10 kB for each picture go to the index outside Tencent Cloud"),
    ("tablestore-traffic", "0.000005", "5 kB of answers for each picture leave Tablestore through its public address"),
    ("cls-logs", "0.000001", "1 kB of log for each event"),
)

_PICTURE: Mapping[tuple[str, str], tuple[_Need, ...]] = {
    ("aliyun", "imm"): (
        ("imm-image-label", "1", "one call for each new content"),
        ("imm-request", "1", "the same call may be billed as a request too"),
        _FC_CLOUD,
        *_STORE_ALIYUN,
        *_INDEX,
        _SLS,
    ),
    ("aliyun", "oss"): (
        ("imm-image-label", "1", "one image/labels for each new content"),
        _FC_CLOUD,
        *_STORE_ALIYUN,
        *_INDEX,
        _SLS,
    ),
    ("aliyun", "embedded"): (
        _FC_EMBEDDED,
        ("oss-image-processing", "0.00092", "a small copy is made of a picture of 920 kB"),
        *_STORE_ALIYUN,
        *_INDEX,
        _SLS,
    ),
    ("tencent", "ci"): (
        ("ci-detect-label", "1", "one call with one scene for each new content"),
        ("scf-gbs", "0.3", "0.6 s with 512 MB"),
        *_SCF,
        *_STORE_TENCENT,
        *_INDEX,
    ),
    ("tencent", "embedded"): (
        ("scf-gbs", "0.2", "0.4 s with 512 MB"),
        *_SCF,
        *_STORE_TENCENT,
        *_INDEX,
    ),
}
_TOKEN_READ: _Need = ("tablestore-read", "1", "the token is looked up; searches use the reads that are reserved")
_ANSWER: Mapping[str, tuple[_Need, ...]] = {
    "aliyun": (
        ("fc-cu", "0.065", "0.1 s with half a vCPU and 512 MB, and one invocation"),
        _TOKEN_READ,
        ("sls-ingest", "0.000001", "1 kB of log for each request"),
    ),
    "tencent": (
        ("scf-calls", "1", "one invocation"),
        ("scf-gbs", "0.05", "0.1 s with 512 MB"),
        ("scf-traffic", "0.000025", "20 kB for each answer, and 5 kB for the questions to the index outside"),
        ("tablestore-traffic", "0.00002", "20 kB of rows for each answer leave Tablestore through its public address"),
        _TOKEN_READ,
        ("cls-logs", "0.000001", "1 kB of log for each request"),
    ),
}
_RUN_INDEX: tuple[_Need, ...] = (
    ("tablestore-write", "3", "the lease of the webhook is taken, kept and given back"),
    ("tablestore-read", "8", "2 for the list, the album, what waits, the changes, and 3 for the writes' conditions"),
)
_RUN: Mapping[str, tuple[_Need, ...]] = {
    "aliyun": (
        ("fc-cu", "0.295", "0.5 s with half a vCPU and 512 MB, and one invocation"),
        *_RUN_INDEX,
        ("sls-ingest", "0.000001", "1 kB of log for each run"),
    ),
    "tencent": (
        ("scf-calls", "1", "one invocation"),
        ("scf-gbs", "0.25", "0.5 s with 512 MB"),
        ("scf-traffic", "0.000005", "5 kB for each run go to the index outside Tencent Cloud"),
        ("tablestore-traffic", "0.000005", "5 kB of answers for each run leave Tablestore through its public address"),
        *_RUN_INDEX,
        ("cls-logs", "0.000001", "1 kB of log for each run"),
    ),
}
"""What a run of the webhooks' timer takes, for one webhook and with nothing to send."""

DETECTORS = tuple(_PICTURE)
"""The pairs of cloud and detector whose costs are known here."""

TAGS: Mapping[str, tuple[str, int, str]] = {
    "aliyun": ("oss-tags", MONTH_HOURS, "hours"),
    "tencent": ("cos-tags", MONTH_DAYS, "days"),
}
"""The price of tags on each cloud, and how often a month it is paid."""


@dataclass(frozen=True, slots=True)
class Work:
    """Pictures with different contents, and how many tags each of them gets. One detector labels all of them."""

    cloud: str
    detector: str
    pictures: int
    tags: int = 5


def labelling(work: Work, prices: Prices) -> Estimate:
    """Estimate what it costs to label the pictures once, and what their tags and rows cost every month after that.

    KeyError for a cloud that does not have the detector.
    """
    once = (
        Line(prices[price], Decimal(quantity) * work.pictures, Charged.ONCE, why)
        for price, quantity, why in _PICTURE[work.cloud, work.detector]
    )
    return Estimate((*once, *_standing(work, prices)))


def answering(cloud: str, requests: int, prices: Prices) -> Estimate:
    """Estimate what it costs that the album function answers so many requests; KeyError for a cloud without one."""
    lines = (
        Line(prices[price], Decimal(quantity) * requests, Charged.ONCE, why) for price, quantity, why in _ANSWER[cloud]
    )
    return Estimate(tuple(lines))


def telling(cloud: str, minutes: int, prices: Prices) -> Estimate:
    """Estimate a month of the webhooks' timer with so many minutes between two runs, for one webhook and with nothing
    to send; KeyError for a cloud without it."""
    runs = MONTH_HOURS * 60 // minutes
    lines = (monthly(prices, price, Decimal(quantity) * runs, why) for price, quantity, why in _RUN[cloud])
    return Estimate(tuple(lines))


def _standing(work: Work, prices: Prices) -> Iterable[Line]:
    """Yield what stays after the work: the tags in the bucket, and the rows in the index."""
    price, times, unit = TAGS[work.cloud]
    tags = work.tags * work.pictures
    yield monthly(prices, price, tags * times, f"{work.tags} tags on each picture, {times} {unit} a month")
    yield index(prices, work.pictures)
    stored = Decimal(work.pictures) * 4 / 1_000_000
    yield monthly(prices, "tablestore-storage", stored * MONTH_HOURS, "4 kB of rows and index for each picture")


def index(prices: Prices, rows: int) -> Line:
    """Return the line of the search index, for which Tablestore reserves read throughput even if nobody searches.

    It reserves 10 CU for each GB or for each 2 million rows, and at least 20. A row takes about 1 kB of the index.
    """
    reserved = max(Decimal(20), Decimal(10) * rows / 1_000_000)
    why = f"{reserved.normalize():f} CU are reserved for the search index, {MONTH_HOURS} hours a month"
    return monthly(prices, "tablestore-reserved-read", reserved * MONTH_HOURS, why)


def idle_aliyun(prices: Prices, packages_gb: Decimal) -> Estimate:
    """Estimate a month of the stack in which no picture arrives. `packages_gb` is the size of the archives in OSS."""
    return Estimate(
        (
            monthly(prices, "smq-queue", MONTH_DAYS, "the queue of failed events"),
            index(prices, 0),
            monthly(prices, "sls-shard", MONTH_DAYS, "the log store has one shard"),
            monthly(prices, "oss-storage", packages_gb, "the archives of code and layer in the code bucket"),
        )
    )


def idle_tencent(prices: Prices, packages_gb: Decimal, tablestore: bool) -> Estimate:
    """Estimate a month in which no picture arrives. `packages_gb` is 0 if no bucket holds the archives."""
    lines = [
        monthly(prices, "scf-base", MONTH_DAYS, "the basic package of SCF, unless the last month had no invocation"),
        monthly(prices, "cmq-queue", MONTH_DAYS, "the queue of failed events"),
    ]
    if tablestore:
        lines.append(index(prices, 0))
    if packages_gb:
        lines.append(monthly(prices, "cos-storage", packages_gb, "the archives of code and layer in a bucket"))
    return Estimate(tuple(lines))


def fc_units(asked: int, others: int, invocations: int, is_cloud: bool) -> Decimal:
    """Return the CU of Function Compute for pictures that the detector is asked about, a vendor's or the embedded one,
    and for other objects. A second takes 1 CU for each vCPU and 0.15 CU for each GB, and an invocation 0.0075 CU."""
    each, second = (Decimal("0.6"), Decimal("0.65")) if is_cloud else (Decimal("0.2"), Decimal("1.15"))
    return (asked * each + others * OTHER) * second + invocations * Decimal("0.0075")


def scf_seconds(asked: int, others: int, is_cloud: bool) -> Decimal:
    """Return the GB-seconds of SCF, with 512 MB, for the same."""
    return (asked * (Decimal("0.6") if is_cloud else Decimal("0.4")) + others * OTHER) / 2


OTHER = Decimal("0.15")
"""Seconds for an object about which the detector is not asked."""


def once(prices: Prices, price: str, quantity: int | Decimal, why: str) -> Line:
    """Return the line of what is paid once."""
    return Line(prices[price], Decimal(quantity), Charged.ONCE, why)


def monthly(prices: Prices, price: str, quantity: int | Decimal, why: str) -> Line:
    """Return the line of what is paid every month."""
    return Line(prices[price], Decimal(quantity), Charged.MONTHLY, why)
