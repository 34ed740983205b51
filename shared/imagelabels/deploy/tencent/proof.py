"""This module proves a deployment on Tencent Cloud with one picture, and looks for the bucket before anything else."""

from __future__ import annotations

from collections.abc import Mapping

from imagelabels.deploy import proof
from imagelabels.deploy.progress import CallFailed, Progress, Say, failing
from imagelabels.deploy.tencent.run import Run
from imagelabels.domain.errors import NoBucket
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.buckets import Buckets
from imagelabels.views.printing import escaped

Values = Mapping[str, str | int]
"""The values of the plan's parameters."""


def deploy(work: Run, values: Values, environ: Mapping[str, str], say: Say) -> bool:
    """Deploy between a look at the bucket and the proof; return whether all is done."""
    around = surroundings(values, environ)
    if not _finds_bucket(values, around, say) or not work.deploy():
        return False
    progress = Progress(say, ["proof"], _secrets(around))
    with progress.told("the same command goes on from here"):
        _prove(values, around, say)
        progress.finished.append("proof")
    return progress.complete


def dry_run(work: Run, values: Values, environ: Mapping[str, str], say: Say) -> bool:
    """Look at the bucket, and say what the deployment and the proof would do; return whether nothing would stop it."""
    if not _finds_bucket(values, surroundings(values, environ), say) or not work.dry_run():
        return False
    ref = reference(values)
    suffix = proof.without_picture(str(values["Suffix"]))
    say(f"proof: a picture would be uploaded as {escaped(ref.uri)} and labelled, and then removed" if ref else suffix)
    return True


def _finds_bucket(values: Values, around: Mapping[str, str], say: Say) -> bool:
    progress = Progress(say, ["bucket"], _secrets(around))
    with progress.told("nothing was changed"):
        check_bucket(proof.session_of("cos", around).buckets(), str(values["Bucket"]), str(values["Region"]))
        progress.finished.append("bucket")
    return progress.complete


def _secrets(around: Mapping[str, str]) -> list[str]:
    keys = proof.session_of("cos", around).credentials.keys
    return [secret for secret in (keys.secret, keys.token) if secret]


def check_bucket(buckets: Buckets, bucket: str, region: str) -> None:
    """CallFailed unless the region has the bucket. COS does not say in which other region it is."""
    with failing():
        try:
            buckets.region(bucket)
        except NoBucket:
            raise CallFailed(
                "no such bucket",
                f"cos://{bucket} is not in {region}: name the bucket's own region, or correct its name",
            ) from None


def reference(values: Values) -> ObjectRef | None:
    """Return a new object for the proof; None if the trigger reports no JPEG."""
    key = proof.key(str(values["Prefix"]), str(values["Suffix"]))
    return ObjectRef("cos", str(values["Bucket"]), key) if key else None


def surroundings(values: Values, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the region of the bucket, and with where the plan's index answers."""
    index = {"IMAGELABELS_ENDPOINT_TABLESTORE": values["IndexEndpoint"], "FC_REGION": values["IndexRegion"]}
    named = {name: str(value) for name, value in index.items() if value}
    return {**environ, **named, "TENCENTCLOUD_REGION": str(values["Region"])}


def _prove(values: Values, around: Mapping[str, str], say: Say) -> None:
    ref = reference(values)
    if ref is None:
        say(proof.without_picture(str(values["Suffix"])))
        return
    log = f"the log topic {values['LogTopic']}" if values["LogTopic"] else f"the log of the function {values['Name']}"
    bench = proof.opened("cos", str(values["Index"]), around, say)
    proof.prove(bench, ref, f"{log} and the queue {values['DeadLetterQueue']}")
