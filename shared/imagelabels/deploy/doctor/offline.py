"""This module looks at a template or plan without a network, and says what an account must be looked at for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagelabels.deploy.aliyun.parameters import OWN
from imagelabels.deploy.checks import files
from imagelabels.deploy.checks.finding import Finding, Severity, sentence
from imagelabels.deploy.template import check_template, document, parameters, resolve
from imagelabels.deploy.tencent import check, description, plan, rules, values
from imagelabels.domain.errors import Misconfigured

NOT_HERE = ("IMAGELABELS_MODEL", "IMAGELABELS_POLICY")
"""These settings name files that only the function has."""


@dataclass(frozen=True, slots=True)
class Offline:
    """What a template or plan has shown.

    `bucket`, `prefix`, `function` and `environment` tell what the file deploys, as far as the given values say it.
    """

    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...] = ()
    """Resources whose types no check knows."""
    bucket: str = ""
    prefix: str = ""
    function: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def aliyun(text: str, words: Mapping[str, str], region: str = "") -> Offline:
    """Look at a template. `words` are values of its parameters; Misconfigured says which one does not fit.

    `imagelabels deploy aliyun` has the parameters Region and StackName beside those of the template. They may be named
    here too, and Region stands for `region`.
    """
    try:
        template = document.read(text)
    except document.Unreadable as error:
        return Offline((check_template.not_readable(error),))
    named = {name: word for name, word in words.items() if name in template.parameters or name not in OWN}
    chosen = parameters.given(template.parameters, named)
    parameters.given(OWN, {name: word for name, word in words.items() if name in OWN and name not in named})
    region = words.get("Region", region)
    findings = tuple(check_template.problems_of(template, chosen, region))
    unchecked = tuple(check_template.unchecked(template))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Offline(findings, unchecked)
    stack = resolve.stack(template, chosen)
    function, trigger = (stack.labelling() or stack.functions())[0], stack.triggers()[0]
    bucket = trigger.text("SourceArn").rpartition(":")[2]
    environment = {
        name: value.replace(resolve.REGION, region or resolve.REGION)
        for name, value in function.mapping("EnvironmentVariables").items()
        if resolve.EXAMPLE not in value and name not in NOT_HERE
    }
    return Offline(
        findings,
        unchecked,
        "" if bucket == resolve.EXAMPLE else bucket,
        trigger.text("TriggerConfig", "filter", "key", "prefix"),
        function.text("FunctionName"),
        environment | ({"FC_REGION": region} if region else {}),
    )


def tencent(text: str, words: Mapping[str, str]) -> Offline:
    """Look at a plan. `words` are values of its parameters; Misconfigured says which one does not fit."""
    try:
        steps = plan.read(text)
    except Misconfigured as error:
        return Offline((files.NOT_READABLE.finding("plan", f"The plan cannot be read: {sentence(error)}"),))
    chosen = values.examples(steps) | values.chosen(steps, words)
    findings = tuple(check.check(steps, chosen))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Offline(findings)
    scope = values.Scope(chosen, lambda name: values.STAND_IN)
    made: dict[str, Mapping[str, Any]] = {}
    for step in steps.steps:
        made.setdefault(step.call.action, values.wanted(step, scope)[0])  # The first function is the one that labels.
        scope = scope.with_records(**{step.kind: check.Answer(step)})
    function, trigger = made["CreateFunction"], made["CreateTrigger"]
    examples = {str(each.example) for name, each in steps.parameters.items() if each.example and name not in words}
    environment = {name: value for name, value in rules.variables_of(function).items() if value not in examples}
    bucket = trigger["TriggerName"].partition(".cos.")[0]
    region = {"TENCENTCLOUD_REGION": words["Region"]} if "Region" in words else {}
    return Offline(
        findings,
        (),
        "" if bucket in examples else bucket,
        description.keys(trigger)[0],
        function["FunctionName"],
        {name: value for name, value in environment.items() if name not in NOT_HERE} | region,
    )
