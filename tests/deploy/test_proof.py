"""The proof of a deployment over ports in memory: what it says, and that it removes its picture whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from imagelabels.deploy import proof
from imagelabels.deploy.progress import CallFailed
from imagelabels.deploy.proof import Bench
from imagelabels.domain.errors import Gone, Misconfigured, Unavailable
from imagelabels.domain.model import EventEntry, ImageRecord, ObjectRef, Tags
from imagelabels.domain.outcomes import State
from imagelabels.pictures.picture import sniff
from imagelabels.ports import StoredRow
from tests.fakes import FakeClock, FakeObjects, label

REF = ObjectRef("oss", "photos", "in/imagelabels-proof-1.jpg")
LOOK_AT = "the log store logs/function and the queue failures"
LABELLED = ImageRecord(REF, State.LABELLED, None, None, None, "", "", "", "", labels=(label("cat", 0.91),))


@dataclass
class FakeBuckets:
    """Puts the picture into the store in memory. A version may be named there."""

    objects: FakeObjects
    version: str | None = None
    removed: list[ObjectRef] = field(default_factory=list)
    refuses: bool = False

    def region(self, bucket: str) -> str:
        return "cn-hangzhou"

    def versioning(self, bucket: str) -> str:
        return "Enabled" if self.version else ""

    def retention(self, bucket: str) -> str:
        return ""

    def routing_tags(self, bucket: str) -> tuple[str, ...]:
        return ()

    def put(self, ref: ObjectRef, content: bytes) -> ObjectRef:
        self.objects.put(ref, content)
        return replace(ref, version=self.version)

    def delete(self, ref: ObjectRef) -> None:
        if self.refuses:
            raise Misconfigured("give the keys oss:DeleteObject")
        self.removed.append(ref)
        self.objects.delete(replace(ref, version=None))


class Index:
    """The rows that the function has written."""

    def __init__(self) -> None:
        self.there: dict[str, StoredRow] = {}

    def row(self, ref: ObjectRef) -> StoredRow | None:
        return self.there.get(ref.uri)

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        return tuple(self.row(ref) for ref in refs)

    def ref_by_id(self, picture: str) -> ObjectRef | None:
        return None

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        return ()


class World:
    """A store, an index and a function. `then` are what happens while the proof waits, one a pause."""

    def __init__(self) -> None:
        self.clock, self.index, self.lines = FakeClock(), Index(), list[str]()
        self.objects = FakeObjects(self.clock)
        self.buckets = FakeBuckets(self.objects)
        self.then: list[Callable[[], object]] = []
        self.bench = Bench(self.buckets, self.objects, self.index, self.lines.append, self.sleep, self.clock.monotonic)

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.then:
            self.then.pop(0)()

    def tag(self) -> None:
        self.objects.user_tag(REF, "label:cat", "mammal")

    def write(self, record: ImageRecord | None, waiting: str | None = None) -> Callable[[], None]:
        row = StoredRow(record, waiting, None, None)
        return lambda: self.index.there.update({REF.uri: row})

    def prove(self) -> None:
        proof.prove(self.bench, REF, LOOK_AT)


@pytest.fixture
def world() -> World:
    return World()


def test_a_labelled_picture_would_not_be_told_of(world: World) -> None:
    world.then = [lambda: None, world.tag, world.write(LABELLED)]
    world.prove()
    assert world.lines == [
        "proof: oss://photos/in/imagelabels-proof-1.jpg is uploaded, and waits for its labels",
        "proof: labelled after 6 s: Cat 0.91",
    ]
    assert world.objects.there == {}


def test_a_picture_without_a_sure_label_would_be_waited_for(world: World) -> None:
    world.then = [world.write(replace(LABELLED, labels=()))]
    world.prove()
    assert world.lines[-1] == "proof: labelled after 2 s: no label is sure enough"


def test_an_index_that_cannot_be_read_would_keep_the_tags_from_being_a_proof(world: World) -> None:
    def refused(ref: ObjectRef) -> StoredRow | None:
        raise Misconfigured("the instance is not there")

    world.index.row = refused  # type: ignore[method-assign]
    world.then = [world.tag]
    world.prove()
    assert "    the index cannot be read, so only the tags are looked at: the instance is not there" in world.lines
    assert world.lines[-1] == "proof: labelled after 2 s: label:cat"


def test_a_row_that_does_not_come_would_keep_the_tags_from_being_a_proof(world: World) -> None:
    world.then = [world.tag]
    world.prove()
    assert world.lines[-1] == f"proof: labelled after {2 * (1 + proof.ROW_WAITS)} s: label:cat"


@pytest.mark.parametrize(
    ("state", "reason", "message"),
    [
        (State.PARKED, "detector_unbound", "the function has worked, and the picture is parked: detector_unbound"),
        (State.SKIPPED, "excluded", "the picture is skipped: excluded"),
    ],
)
def test_a_picture_that_gets_no_labels_would_be_waited_for(
    world: World, state: State, reason: str, message: str
) -> None:
    world.then = [world.write(replace(LABELLED, state=state, reason=reason, labels=()))]
    with pytest.raises(CallFailed, match=message):
        world.prove()
    assert world.objects.there == {}


def test_a_waiting_delivery_would_end_the_proof_or_hide_its_reason(world: World) -> None:
    world.then = [world.write(replace(LABELLED, state=State.WAITING, reason="throttled", labels=()))]
    world.then += [world.write(None, "throttled")]
    with pytest.raises(CallFailed, match="its last delivery ended with throttled: look at the log store"):
        world.prove()
    world.then = [world.write(None, "throttled"), world.write(LABELLED)]
    world.index.there.clear()
    world.prove()
    assert world.lines[-1] == "proof: labelled after 4 s: Cat 0.91"


def test_a_function_that_never_works_would_leave_a_riddle(world: World) -> None:
    with pytest.raises(CallFailed, match=f"within 180 s neither a tag nor a row was written: look at {LOOK_AT}"):
        world.prove()
    assert world.objects.there == {}


@pytest.mark.parametrize("moment", [0, 3])
def test_ctrl_c_would_leave_the_picture(world: World, moment: int) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    world.then = [*[lambda: None] * moment, interrupt]
    with pytest.raises(KeyboardInterrupt):
        world.prove()
    assert world.objects.there == {}


def test_ctrl_c_during_the_upload_would_leave_the_picture(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put = world.buckets.put

    def cut(ref: ObjectRef, content: bytes) -> ObjectRef:
        put(ref, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(world.buckets, "put", cut)
    with pytest.raises(KeyboardInterrupt):
        world.prove()
    assert world.objects.there == {}


def test_a_version_would_stay_in_a_bucket_that_keeps_them(world: World) -> None:
    world.buckets.version, world.then = "v1", [world.write(LABELLED)]
    world.prove()
    assert world.buckets.removed == [replace(REF, version="v1")]


def test_a_picture_that_cannot_be_removed_would_hide_the_labels(world: World) -> None:
    world.buckets.refuses, world.then = True, [world.write(LABELLED)]
    world.prove()
    assert world.lines[-1].startswith("    oss://photos/in/imagelabels-proof-1.jpg could not be removed (forbidden: ")


@pytest.mark.parametrize(
    ("error", "stops"),
    [(Unavailable("throttled"), False), (Misconfigured("give oss:GetObjectTagging"), True), (Gone("gone"), True)],
)
def test_a_failed_look_would_be_final_or_never(
    world: World, error: Exception, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags, failures = world.objects.tags, [error]

    def failing(ref: ObjectRef) -> Tags:
        if failures:
            raise failures.pop()
        return tags(ref)

    monkeypatch.setattr(world.objects, "tags", failing)
    world.then = [world.write(LABELLED)]
    if stops:
        with pytest.raises(CallFailed, match=str(error)):
            world.prove()
    else:
        world.prove()
    assert world.objects.there == {}


@pytest.mark.parametrize(
    ("prefix", "suffix", "begin", "end"),
    [
        ("", "", "imagelabels-proof-", ".jpg"),
        ("photos/", ".jpg", "photos/imagelabels-proof-", ".jpg"),
        ("in-", "g", "in-imagelabels-proof-", ".jpg"),
        ("", ".JPG", "imagelabels-proof-", ".JPG"),
        ("", "-small.jpeg", "imagelabels-proof-", "-small.jpeg"),
    ],
)
def test_the_trigger_would_not_report_the_picture(prefix: str, suffix: str, begin: str, end: str) -> None:
    first, second = proof.key(prefix, suffix), proof.key(prefix, suffix)
    assert first is not None
    assert first.startswith(begin)
    assert first.endswith(end)
    assert first != second


def test_a_jpeg_would_be_called_a_png() -> None:
    assert proof.key("", ".png") is None
    assert "only keys that end in .png are labelled" in proof.without_picture(".png")


def test_the_picture_would_be_no_picture_or_large() -> None:
    picture = proof.picture()
    assert sniff(picture) == "jpeg"
    assert len(picture) < 20_000


def test_a_second_ctrl_c_would_leave_the_picture_without_a_word(world: World) -> None:
    def interrupted(ref: ObjectRef) -> None:
        raise KeyboardInterrupt

    world.buckets.delete = interrupted  # type: ignore[method-assign]
    world.then = [world.write(LABELLED)]
    with pytest.raises(KeyboardInterrupt):
        world.prove()
    assert world.lines[-1] == f"    {REF.uri} may still be there: remove it yourself"
