"""This module proves a deployment on Tencent Cloud with one picture, and looks for the bucket before anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from imagelabels import clouds
from imagelabels import settings as all_settings
from imagelabels.deploy import proof
from imagelabels.deploy.progress import CallFailed, Progress, Say, failing
from imagelabels.deploy.tencent.run import Run
from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.failures import calling
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.views.printing import escaped

Values = Mapping[str, str | int]
"""The values of the plan's parameters."""


class Pictures:
    """What the proof does to a bucket of COS in a region."""

    def __init__(self, buckets: CosBuckets, region: str) -> None:
        self._buckets, self._region = buckets, region

    def close(self) -> None:
        self._buckets.close()

    def check(self, bucket: str) -> None:
        """CallFailed unless the region has the bucket. COS does not say in which other region it is."""
        with _calling("HeadBucket", f"cos://{bucket}", self._region):
            self._buckets[bucket].ask("HEAD")

    def put(self, ref: ObjectRef, content: bytes) -> ObjectRef:
        """Store a new picture, and return what removes exactly this one: in some buckets a version has to be named."""
        headers = {"Content-Type": "image/jpeg", "x-cos-forbid-overwrite": "true"}
        with _calling("PutObject", ref.uri, self._region):
            answer = self._buckets[ref.bucket].ask("PUT", ref.key, headers=headers, data=content)
        return replace(ref, version=answer.headers.get("x-cos-version-id"))

    def remove(self, ref: ObjectRef) -> None:
        """Remove an object; it is no error if it is gone."""
        with _calling("DeleteObject", ref.uri, self._region):
            params = {"versionId": ref.version} if ref.version else {}
            self._buckets[ref.bucket].ask("DELETE", ref.key, params, fine=(404,))


def deploy(work: Run, values: Values, environ: Mapping[str, str], say: Say) -> bool:
    """Deploy between a look at the bucket and the proof; return whether all is done."""
    around = surroundings(values, environ)
    settings = all_settings.of(clouds.provider_of("cos"), around)
    credentials = TencentCredentials(TencentKeys("", ""))
    credentials.refresh_from(environ)
    region, bucket = str(values["Region"]), str(values["Bucket"])
    pictures = Pictures(CosBuckets(settings.endpoint_cos, region, {}, credentials, proxies=settings.proxies), region)
    secrets = [secret for secret in (credentials.keys.secret, credentials.keys.token) if secret]
    try:
        first, last = Progress(say, ["bucket"], secrets), Progress(say, ["proof"], secrets)
        with first.told("nothing was changed"):
            pictures.check(bucket)
            first.finished.append("bucket")
        if not first.complete or not work.deploy():
            return False
        with last.told("the same command goes on from here"):
            _prove(pictures, values, around, say)
            last.finished.append("proof")
        return last.complete
    finally:
        pictures.close()


def dry_run(values: Values, say: Say) -> bool:
    """Say what the proof would do; True, since nothing about it could fail before there is a function."""
    ref = reference(values)
    suffix = proof.without_picture(str(values["Suffix"]))
    say(f"proof: a picture would be uploaded as {escaped(ref.uri)} and labelled, and then removed" if ref else suffix)
    return True


def reference(values: Values) -> ObjectRef | None:
    """Return a new object for the proof; None if the trigger reports no JPEG."""
    key = proof.key(str(values["Prefix"]), str(values["Suffix"]))
    return ObjectRef("cos", str(values["Bucket"]), key) if key else None


def surroundings(values: Values, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the region of the bucket, and with where the plan's index answers."""
    index = {"IMAGELABELS_ENDPOINT_TABLESTORE": values["IndexEndpoint"], "FC_REGION": values["IndexRegion"]}
    named = {name: str(value) for name, value in index.items() if value}
    return {**environ, **named, "TENCENTCLOUD_REGION": str(values["Region"])}


def _prove(pictures: Pictures, values: Values, around: Mapping[str, str], say: Say) -> None:
    ref = reference(values)
    if ref is None:
        say(proof.without_picture(str(values["Suffix"])))
        return
    log = f"the log topic {values['LogTopic']}" if values["LogTopic"] else f"the log of the function {values['Name']}"
    bench = proof.opened("cos", str(values["Index"]), around, pictures, say)
    proof.prove(bench, ref, f"{log} and the queue {values['DeadLetterQueue']}")


@contextmanager
def _calling(operation: str, uri: str, region: str) -> Iterator[None]:
    """Enclose a call. CallFailed names the permission that is missing, or the bucket that is not there."""
    with failing():
        try:
            with calling(Call(operation, f"name/cos:{operation}", uri)):
                yield
        except Gone:
            raise CallFailed(
                "no such bucket", f"{uri} is not in {region}: name the bucket's own region, or correct its name"
            ) from None
