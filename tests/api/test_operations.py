"""Budgets over HTTP, and pictures that are tried again: for whom, and how often."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from imagelabels import clouds
from imagelabels.api.stores import Functions
from imagelabels.domain.budget import Limits
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.records.rows import image_pk
from imagelabels.usecases.again import Giver, Redriver
from tests.api.world import Site, seen
from tests.invoking import FakeInvoker
from tests.world import World

NOON = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000 + 43_200_000
FAILED: dict[str, Any] = {"state": State.FAILED, "reason": Reason.TAGS_REFUSED}


def counted(limits: Limits, calls: int = 30, price: str | None = None) -> Site:
    """An API at noon, and a detector that was called so often today."""
    site = Site()
    for _ in range(calls):
        site.ledger.take("imm", "oss://photos", NOON / 1000)
    more = {"budget": site.ledger, "limits": limits, "detectors": ("imm", "ci"), "call_price": price}
    site.serves(now=lambda: NOON, **more)
    return site


class Given:
    """A giver that notes the URIs of what it is given. It takes what lies in the stores."""

    def __init__(self, stores: Collection[str] = ("oss", "cos")) -> None:
        self.uris: list[str] = []
        self._stores = stores

    def takes(self, ref: ObjectRef) -> bool:
        return ref.store in self._stores

    def give(self, refs: Sequence[ObjectRef]) -> None:
        self.uris += [ref.uri for ref in refs]


def trying(site: Site, giver: Giver | None = None) -> Site:
    """Let people have pictures of this API tried again."""
    world = World(site.ledger)
    at = site.services.gallery, site.ledger, world.clock
    site.serves(redriver=Redriver(*at, ["oss"], ["imm"], lambda scheme: world.worker().tools, giver))
    return site


def test_the_calls_of_today_are_told_with_their_limit_and_an_even_pace() -> None:
    site = counted(Limits(per_day=100, total=1000), price="0.000142 USD")
    site.ledger.hold("imm", "oss://photos", "forbidden", NOON / 1000 + 600)
    answer = site.get("/v1/budget").json
    assert (answer["day"], answer["call_price"]) == ("2023-11-14", "0.000142 USD")
    (imm,) = answer["detectors"]
    hold = {"bucket": "oss://photos", "reason": "forbidden", "until": "2023-11-14T12:10:00.000Z"}
    assert imm.pop("holds") == [hold]
    assert imm == {
        "detector": "imm", "calls": 30, "calls_limit": 1000, "calls_today": 30, "calls_today_limit": 100,
        "even_pace": 50, "rate_limit": None,
    }  # fmt: skip


def test_a_server_without_a_limit_would_claim_to_know_one() -> None:
    (imm,) = counted(Limits()).get("/v1/budget").json["detectors"]
    assert (imm["calls_today"], imm["calls_today_limit"], imm["calls_limit"], imm["even_pace"]) == (
        30,
        None,
        None,
        None,
    )


def test_a_token_for_a_prefix_would_learn_how_busy_other_buckets_are() -> None:
    site = counted(Limits())
    site.sees("oss://photos/")
    answer = site.get("/v1/budget")
    assert (answer.status, answer.code) == (403, "limited_token")
    assert "30" not in answer.body


def test_a_failed_picture_is_noted_once_however_often_somebody_asks() -> None:
    site = trying(Site())
    row = site.has("a.jpg", **FAILED)
    address = f"/v1/pictures/{image_pk(row.ref)}/redrive"
    for _ in range(3):
        answer = site.ask("POST", address)
        assert answer.json == {"id": image_pk(row.ref), "uri": "oss://photos/a.jpg", "by": "timer"}
    history = site.get(f"/v1/pictures/{image_pk(row.ref)}").json
    assert [line["state"] for line in history["history"][1:]] == ["waiting"]
    assert history["waiting_reason"] == "tags_refused"
    assert site.ask("POST", "/v1/redrive", body={"state": "failed"}).json["pictures"] == 0


def test_who_may_not_would_let_pictures_be_tried_again() -> None:
    site = trying(Site())
    hidden = site.has("private/a.jpg", **FAILED)
    site.has("public/b.jpg", **FAILED)
    address = f"/v1/pictures/{image_pk(hidden.ref)}/redrive"
    site.sees("oss://photos/public/")
    assert site.ask("POST", address).json == site.ask("POST", "/v1/pictures/" + "0" * 32 + "/redrive").json
    assert site.ask("POST", "/v1/redrive", body={"state": "failed"}).json == {
        "pictures": 1, "failed": 0, "next": None, "by": "timer"
    }  # fmt: skip
    site.caller = replace(site.caller, within=("",), may_write=False)
    for asked in (site.ask("POST", address), site.ask("POST", "/v1/redrive", body={"state": "failed"})):
        assert (asked.status, asked.code) == (403, "read_only")
    stored = site.ledger.row(hidden.ref)
    assert stored is not None
    assert stored.waiting is None


def test_a_server_whose_switch_is_off_would_let_pictures_be_tried_again() -> None:
    site = Site()
    row = site.has("a.jpg", **FAILED)
    for address, body in ((f"/v1/pictures/{image_pk(row.ref)}/redrive", None), ("/v1/redrive", {"state": "failed"})):
        answer = site.ask("POST", address, body=body)
        assert (answer.status, answer.code) == (403, "switched_off")
    assert site.get("/v1/budget").code == "switched_off"


def test_a_picture_that_is_done_is_not_tried_again() -> None:
    site = trying(Site())
    row = site.has("a.jpg", seen("dog"))
    answer = site.ask("POST", f"/v1/pictures/{image_pk(row.ref)}/redrive")
    assert (answer.status, answer.code) == (400, "not_still")
    assert site.ask("POST", "/v1/redrive", body={"state": "labelled"}).status == 400


def test_a_function_gets_the_picture_at_once_where_there_is_one() -> None:
    given = Given()
    site = trying(Site(), given)
    row = site.has("a.jpg", **FAILED)
    assert site.ask("POST", f"/v1/pictures/{image_pk(row.ref)}/redrive").json["by"] == "function"
    assert given.uris == ["oss://photos/a.jpg"]


def test_pictures_would_be_given_to_the_function_of_another_store_or_one_by_one() -> None:
    invoker = FakeInvoker({"labels": lambda event: {}})
    functions = Functions(lambda scheme, through: (clouds.platform_of(scheme), invoker))
    functions.open("oss", "labels")
    refs = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(50)]
    others = [ObjectRef("cos", "photos-1250000000", "a.jpg"), ObjectRef("oss", "photos", "not unicode \udcff.jpg")]
    assert [functions.takes(ref) for ref in (refs[0], *others)] == [True, False, False]
    functions.give([*refs, others[0]])
    assert [name for name, _ in invoker.waiting] == ["labels"] * 2
    assert sum(event.count(b"ObjectCreated") for _, event in invoker.waiting) == 50


def test_a_function_that_is_not_there_would_not_be_named() -> None:
    site = Site()
    functions = Functions(lambda scheme, through: (clouds.platform_of(scheme), FakeInvoker({})))
    functions.open("oss", "labels")
    row = trying(site, functions).has("a.jpg", **FAILED)
    answer = site.ask("POST", f"/v1/pictures/{image_pk(row.ref)}/redrive")
    assert (answer.status, "labels" in answer.json["detail"]) == (503, True)
