"""Rules per prefix, from the event to tags and row: what they change costs no call."""

from __future__ import annotations

from pathlib import Path

from imagelabels import policyfile as rules
from imagelabels.domain.model import ImageRecord, ObjectRef, Outcome
from imagelabels.domain.policy import Policy, Rules
from tests.fakes import label
from tests.world import CONCEPTS, J, K, World

CAT = {"label:cat": "mammal"}


def load(folder: Path, text: str) -> Rules:
    (folder / "policy.toml").write_text(text)
    return rules.load(folder / "policy.toml", Policy(), 0.1, CONCEPTS)


def row(world: World, ref: ObjectRef) -> ImageRecord:
    found = world.ledger.row(ref)
    assert found is not None
    assert found.record is not None
    return found.record


def outcome(got: Outcome | str) -> Outcome:
    assert isinstance(got, Outcome), got
    return got


def test_what_a_rule_leaves_out_is_in_no_tag_and_no_row_under_its_prefix_only(world: World, tmp_path: Path) -> None:
    policy = load(tmp_path, '[[rule]]\nprefix = "oss://photos/j"\nexclude = ["mammal"]\ntag_value = "confidence"')
    world.detector.shows["both"] = (label("cat", 0.9), label("car", 0.8))
    for ref in (J, K):
        world.user_puts(ref, "both")()
        world.worker(policy=policy).gets(ref)
    assert world.labels(J) == ("car",)
    assert world.tags(J) == {"label:car": "0.80"}
    assert world.labels(K) == ("cat", "car")
    assert world.tags(K) == CAT | {"label:car": "vehicle"}


def test_a_changed_rule_is_applied_from_the_kept_answer_without_a_call(world: World, tmp_path: Path) -> None:
    world.detector.shows["both"] = (label("imm:Puppy", 0.9), label("car", 0.6))
    world.user_puts(K, "both")()
    world.worker().gets(K)
    policy = load(tmp_path, '[[rule]]\nprefix = "oss://photos/"\nthresholds = {vehicle = 0.5}')
    got = outcome(world.worker(policy=policy).gets(K))
    assert (got.state, got.paid_calls, got.labels) == ("labelled", 0, ("imm:Puppy", "car"))
    policy = load(
        tmp_path,
        '[[rule]]\nprefix = ""\nmap = {"imm:Puppy" = "dog"}\nrename = {dog = "Hound"}\ntag_limit = 0',
    )
    got = outcome(world.worker(policy=policy).gets(K))
    assert (got.state, got.paid_calls, got.labels) == ("labelled", 0, ("dog",))
    assert [found.name for found in row(world, K).labels] == ["Hound"]
    assert world.tags(K) == {}
    assert world.detector.asked == ["both"]


def test_a_row_carries_the_digest_of_what_holds_for_its_object_and_the_same_rules_change_nothing(
    world: World, tmp_path: Path
) -> None:
    policy = load(tmp_path, '[[rule]]\nprefix = "oss://photos/k"\nthreshold = 0.5')
    for ref in (J, K):
        world.user_puts(ref, "cat")()
        world.worker(policy=policy).gets(ref)
    assert row(world, K).policy == policy.at(K.uri).digest(CONCEPTS.version) != row(world, J).policy
    assert row(world, J).policy == Policy().digest(CONCEPTS.version)
    again = load(tmp_path, '# the same\n[[rule]]\nthreshold = 5e-1\nprefix = "oss://photos/k"')
    assert outcome(world.worker(policy=again).gets(K)).state == "unchanged"


def test_what_is_not_to_be_labelled_is_skipped_and_nobody_is_asked(world: World, tmp_path: Path) -> None:
    policy = load(tmp_path, '[[rule]]\nprefix = "oss://photos/k"\nlabel = false')
    world.user_puts(K, "cat")()
    worker = world.worker(policy=policy)
    got = outcome(worker.gets(K))
    assert (got.state, got.reason, got.paid_calls) == ("skipped", "excluded", 0)
    assert world.state(K) == "skipped"
    assert world.detector.asked == []
    assert "objects.read" not in worker.wire.calls


def test_a_prefix_that_is_no_longer_labelled_loses_its_labels_and_gets_them_back_without_a_call(
    world: World, tmp_path: Path
) -> None:
    world.user_puts(K, "cat", tags={"mine": "1"})()
    world.worker().gets(K)
    policy = load(tmp_path, '[[rule]]\nprefix = "oss://photos/"\nlabel = false')
    assert outcome(world.worker(policy=policy).gets(K)).reason == "excluded"
    assert (world.tags(K), world.labels(K)) == ({"mine": "1"}, ())
    assert outcome(world.worker().gets(K)).paid_calls == 0
    assert world.tags(K) == CAT | {"mine": "1"}
    assert world.detector.asked == ["cat"]
