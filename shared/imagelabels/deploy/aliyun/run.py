"""This module deploys on Alibaba Cloud step by step. Each step leaves alone what is right already."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from imagelabels.deploy import proof
from imagelabels.deploy.aliyun import archives
from imagelabels.deploy.aliyun.account import Account
from imagelabels.deploy.aliyun.parameters import KEYS, OWN, Parameters
from imagelabels.deploy.aliyun.stacks import DONE, UPDATABLE, Stack
from imagelabels.deploy.progress import CallFailed, Progress, Say
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.views.printing import escaped

FIXED = ("BucketName", "InstanceName", "Name")
"""With another value the stack would be another deployment, and the index or the trigger of this one would be lost."""

HALF_MADE = "--undo deletes what is there of the stack, and then the command makes it anew"


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """This is what somebody asks for. `given` holds the parameters that were named and checked, with Region and
    StackName."""

    given: Mapping[str, str]
    packages: Path | None = None
    """The folder of packages that are made already."""
    proof: bool = True

    @property
    def former(self) -> dict[str, str]:
        """Return the keys of former archives, if somebody goes back to them."""
        return {name: self.given[name] for name in KEYS if name in self.given}


class Run:
    """One run. `template` is the text of the template, and `say` gets each line of the report."""

    def __init__(
        self, request: DeployRequest, parameters: Parameters, template: str, account: Account, say: Say
    ) -> None:
        self.request, self.parameters, self.template = request, parameters, template
        self.account, self.say = account, say
        self.name = request.given["StackName"]
        self.stack: Stack | None = None
        self.values: dict[str, str] = {}
        """The template's parameters, known after the first step; the keys of the archives, after the second."""
        self.archives: archives.Archives | None = None

    def deploy(self) -> bool:
        """Make what is missing and change what is old; return whether all is done."""
        steps = [
            ("account", self.look),
            ("packages", self._packages),
            ("upload", self._upload),
            ("stack", self._stack),
            ("attach", self._attach),
        ]
        if self.request.proof:
            steps.append(("proof", self._proof))
        return self.carry_out(steps, "the same command goes on from here, and --undo deletes the stack")

    def undo(self, dry: bool) -> bool:
        """Free the bucket and delete the stack; return whether all is done."""
        steps = [
            ("account", self._find),
            ("attach", lambda: self._detach(dry)),
            ("stack", lambda: self._delete(dry)),
        ]
        return self.carry_out(steps, "nothing was changed" if dry else "the same command goes on from here")

    def carry_out(self, steps: list[tuple[str, Callable[[], None]]], how_on: str) -> bool:
        """Carry out the steps until one fails; return whether none did."""
        progress = Progress(self.say, [name for name, _ in steps], self.account.secrets)
        with progress.told(how_on):
            for name, step in steps:
                step()
                progress.finished.append(name)
        return progress.complete

    def look(self) -> None:
        """Look at the stack and the buckets, and refuse what cannot be deployed."""
        self._find()
        stack = self.stack
        if stack is not None and stack.is_busy:
            self.say(f"account: the stack {self.name} is being worked on, which is waited for")
            stack = self.stack = self.account.stacks.settled(stack.id)
        if stack is not None and not stack.is_ours:
            raise CallFailed("it exists already", f"somebody else made the stack {self.name}: choose another StackName")
        if stack is not None and stack.status not in UPDATABLE:
            self._failed(stack, HALF_MADE)
        current = stack.parameters if stack else {}
        self.values = self.parameters.complete(current, self.request.given)
        self._refuse_moves(current)
        self.parameters.refuse_faults(self.values, self.request.given["Region"])
        self.say(f"account: the stack {self.name} " + (f"is {stack.status}" if stack else "is not there yet"))
        self._check_buckets()

    def packages_from(self, folder: Path) -> None:
        """Take packages that are made already."""
        self.archives = archives.made_in(archives.package_order(self.values), folder)
        self._name_keys(self.archives.by_key)

    def former_packages(self) -> None:
        """Take the archives of earlier uploads."""
        archives.check_former(self.request.former, archives.package_order(self.values))
        self.values |= self.request.former
        self.say("packages: none is made, since CodeKey and LayerKey name former ones")

    def check_uploaded(self) -> None:
        """CallFailed unless the former archives are still there."""
        for parameter, key in self.request.former.items():
            if not self.account.buckets.has(self.values["CodeBucket"], key):
                raise CallFailed(
                    "no such key", f"oss://{self.values['CodeBucket']}/{key} is not there: correct {parameter}"
                )
        self.say("upload: the former archives are there")

    def reference(self) -> ObjectRef | None:
        """Return a new object for the proof; None if the trigger reports no JPEG."""
        key = proof.key(self.values["KeyPrefix"], self.values["KeySuffix"])
        return ObjectRef("oss", self.values["BucketName"], key) if key else None

    def _find(self) -> None:
        self.stack = self.account.stacks.find(self.name)

    def _refuse_moves(self, current: Mapping[str, str]) -> None:
        for name in FIXED:
            if name in current and current[name] != self.values[name]:
                raise Misconfigured(
                    f"{name} is {current[name]} in the stack {self.name}, and stays so: deploy another StackName for"
                    f" {escaped(self.values[name])}"
                )
        if self.values["PolicyFile"] and self.request.packages is None and not self.request.former:
            raise Misconfigured(
                "PolicyFile names a file in the code: make the packages with `imagelabels package aliyun --policy FILE`"
                " and name their folder with --packages"
            )

    def _check_buckets(self) -> None:
        self.account.buckets.check_region("CodeBucket", self.values["CodeBucket"])
        if self.stack is not None or self.values["CreateBucket"] != "true":
            self.account.buckets.check_region("BucketName", self.values["BucketName"])

    def _packages(self) -> None:
        if self.request.former:
            self.former_packages()
        elif self.request.packages is not None:
            self.packages_from(self.request.packages)
            self.say(f"packages: they are in {self.request.packages}")
        else:
            wanted = archives.package_order(self.values)
            self.say(f"packages: making {wanted.name}; the first time this downloads its wheels")
            self.archives = self.account.build(wanted)
            self._name_keys(self.archives.by_key)
            self.say(f"packages: they are in {self.archives.code.parent}")

    def _name_keys(self, by_key: Mapping[str, Path]) -> None:
        self.values |= dict(zip(KEYS, by_key, strict=True))

    def _upload(self) -> None:
        if self.archives is None:
            self.check_uploaded()
            return
        bucket = self.values["CodeBucket"]
        for key, path in self.archives.by_key.items():
            new = self.account.buckets.upload(bucket, key, path)
            self.say(f"upload: oss://{bucket}/{key} {'is uploaded' if new else 'is there'}")

    def _stack(self) -> None:
        before, stacks = self.stack, self.account.stacks
        if before is None:
            self.say("stack: making it, which takes some minutes")
            stack_id, changed = stacks.create(self.name, self.template, self.values), True
        else:
            stack_id, changed = before.id, stacks.update(before, self.template, self.values)
            if changed:
                self.say("stack: changing it, which takes some minutes")
        self.stack = stacks.settled(stack_id)
        if self.stack is None:
            raise CallFailed("it is gone", f"somebody deleted the stack {self.name} meanwhile")
        if self.stack.status not in (DONE if changed else {*DONE, "ROLLBACK_COMPLETE"}):
            self._failed(self.stack, "mend the reason, and run the command again" if before else HALF_MADE)
        self.say(f"stack: {'made' if before is None else 'changed' if changed else 'is there'}")
        for name, value in self.stack.outputs.items():
            # The next step does what this output asks for.
            if name != "BindBucket":
                self.say(f"    {name}: {escaped(value)}")
        self._tell_the_way_back(before)

    def _tell_the_way_back(self, before: Stack | None) -> None:
        """Say which parameters bring the former code back, if there is another code now."""
        former = before.parameters if before else {}
        if any(name in former and former[name] != self.values[name] for name in KEYS):
            changed = [name for name in self.values if name in former and former[name] != self.values[name]]
            named = {name: former[name] for name in dict.fromkeys([*KEYS, *changed])}
            own = {name: self.request.given[name] for name in OWN}
            words = " ".join(shlex.quote(f"{name}={escaped(value)}") for name, value in {**own, **named}.items())
            self.say(f"    the way back: imagelabels deploy aliyun --param {words}")

    def _failed(self, stack: Stack, advice: str) -> None:
        for line in self.account.stacks.failures(stack):
            self.say(f"    {escaped(line)}")
        raise CallFailed(stack.status, f"{stack.reason or 'ROS names no reason'}; {advice}")

    def _attach(self) -> None:
        bucket, project = self.values["BucketName"], self.values["ImmProject"]
        if self.values["Detector"] != "oss":
            self.say(f"attach: the detector {self.values['Detector']} needs no binding")
            return
        new = self.account.bindings.attach(bucket, project)
        self.say(f"attach: {bucket} is bound to the IMM project {project}{'' if new else ' already'}")

    def _proof(self) -> None:
        ref, outputs = self.reference(), self.stack.outputs if self.stack else {}
        if ref is None:
            self.say(proof.without_picture(self.values["KeySuffix"]))
            return
        logs, failures = outputs.get("Logs", "of the function"), outputs.get("Failures", "of failed events")
        self.account.prove(ref, self.values["InstanceName"], f"the log store {logs} and the queue {failures}")

    def _detach(self, dry: bool) -> None:
        values = self.stack.parameters if self.stack is not None and self.stack.is_ours else {}
        if values.get("Detector") != "oss":
            self.say("attach: there is no binding to take away")
            return
        bucket, project, bindings = values["BucketName"], values["ImmProject"], self.account.bindings
        bound = bindings.project_of(bucket) == project if dry else bindings.detach(bucket, project)
        if not bound:
            self.say(f"attach: {bucket} is not bound to the IMM project {project}")
        else:
            self.say(f"attach: {bucket} {'would be' if dry else 'is'} freed from the IMM project {project}")

    def _delete(self, dry: bool) -> None:
        stack = self.stack
        if stack is None:
            self.say(f"stack: {self.name} is not there")
        elif not stack.is_ours:
            self.say(f"stack: {self.name} stays, since somebody else made it")
        elif dry:
            self.say(f"stack: {self.name} would be deleted")
            self._tell_what_stays(stack)
        else:
            self._delete_now(stack)

    def _delete_now(self, stack: Stack) -> None:
        if stack.is_busy:
            stack = self.account.stacks.settled(stack.id) or stack
        self.account.stacks.delete(stack)
        self.say("stack: deleting it, which takes some minutes")
        left = self.account.stacks.settled(stack.id)
        if left is not None:
            self._failed(left, "mend the reason, and run the command again")
        self.say(f"stack: {self.name} is deleted")
        self._tell_what_stays(stack)

    def _tell_what_stays(self, stack: Stack) -> None:
        names = ("BucketName", "CodeBucket", "InstanceName", "Name")
        bucket, packages, instance, name = (escaped(stack.parameters.get(parameter, "")) for parameter in names)
        self.say(f"    the bucket {bucket} stays, and so do the archives in {packages}")
        self.say(
            f"    the Tablestore instance {instance} with the index and the queue {name}-failures stay: remove them in"
            " the console, or name others, before you make the stack again"
        )
