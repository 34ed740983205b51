"""This module says what a deployment on Alibaba Cloud would do. It looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.deploy import proof
from imagelabels.deploy.aliyun import archives
from imagelabels.deploy.aliyun.account import DIST
from imagelabels.deploy.aliyun.parameters import KEYS
from imagelabels.deploy.aliyun.run import Run
from imagelabels.deploy.aliyun.stacks import Change
from imagelabels.views.printing import escaped

UNKNOWN = "(known when the packages are made)"

_WORDS = {
    "Add": "would make",
    "Modify": "would change",
    "Replace": "would make anew, and remove the former",
    "Remove": "would remove",
}


class DryRun:
    """This looks with the methods of a run, and says what the others would do."""

    def __init__(self, run: Run) -> None:
        self._run, self._say = run, run.say

    def say_all(self) -> bool:
        """Say what each step would do; return whether nothing would stop it."""
        steps = [
            ("account", self._run.look),
            ("packages", self._packages),
            ("upload", self._upload),
            ("stack", self._stack),
            ("attach", self._attach),
        ]
        if self._run.request.proof:
            steps.append(("proof", self._proof))
        return self._run.carry_out(steps, "nothing was changed")

    def _packages(self) -> None:
        request = self._run.request
        if request.former:
            self._run.former_packages()
        elif request.packages is not None:
            self._run.packages_from(request.packages)
            self._say(f"packages: they are in {escaped(str(request.packages))}")
        else:
            self._say(f"packages: {archives.package_order(self._run.values).name} would be made in {DIST}")

    def _upload(self) -> None:
        run = self._run
        bucket = run.values["CodeBucket"]
        if run.request.former:
            run.check_uploaded()
        elif run.archives is None:
            place = f"oss://{bucket}/imagelabels/{archives.package_order(run.values).name}/"
            self._say(f"upload: two archives would be uploaded to {place}, unless they are there")
        else:
            for key, path in run.archives.by_key.items():
                is_there = run.account.buckets.has(bucket, key)
                size = f"would be uploaded, {path.stat().st_size / 1e6:.1f} MB"
                self._say(f"upload: oss://{bucket}/{key} {'is there' if is_there else size}")

    def _stack(self) -> None:
        run = self._run
        current = run.stack.parameters if run.stack else {}
        # Without packages, the preview leaves the archives as they are. A new stack needs some text for their keys.
        keys = {name: run.values.get(name) or current.get(name) or "imagelabels/code.zip" for name in KEYS}
        changes = run.account.stacks.preview(run.name, run.stack, run.template, run.values | keys)
        wanted = {name: run.values.get(name, UNKNOWN) for name in run.parameters.template.parameters}
        differing = {name: value for name, value in wanted.items() if current.get(name) != value}
        if run.stack is None:
            self._say(f"stack: {run.name} would be made by ros:CreateStack")
        elif differing or any(change.action in _WORDS for change in changes):
            self._say(f"stack: {run.name} would be changed by ros:UpdateStack")
        else:
            self._say(f"stack: {run.name} is there")
        for name, value in differing.items():
            self._say(f"    {name}: " + (f"{escaped(current[name])} -> " if name in current else "") + escaped(value))
        for line in _grouped(changes):
            self._say(f"    {line}")

    def _attach(self) -> None:
        values = self._run.values
        bucket, project = values["BucketName"], values["ImmProject"]
        if values["Detector"] != "oss":
            self._say(f"attach: the detector {values['Detector']} needs no binding")
        elif self._run.account.bindings.is_bound(bucket, project):
            self._say(f"attach: {bucket} is bound to the IMM project {project} already")
        else:
            self._say(f"attach: {bucket} would be bound to the IMM project {project} by imm:AttachOSSBucket")

    def _proof(self) -> None:
        ref = self._run.reference()
        if ref is None:
            self._say(proof.without_picture(self._run.values["KeySuffix"]))
            return
        self._say(f"proof: a picture would be uploaded as {escaped(ref.uri)} and labelled, and then removed")


def _grouped(changes: list[Change]) -> Iterator[str]:
    """Yield a line for each kind of change, with its resources."""
    for action, words in _WORDS.items():
        names = [change.resource for change in changes if change.action == action]
        if names:
            yield f"{words}: {', '.join(map(escaped, names))}"
