"""This module makes the seeded cases of the doctor's tests. `make doctor-mutations` runs all of them.

`python -m tests.deploy.doctor.mutating [NUMBER]` tries NUMBER (300) cases of each family and NUMBER rewrites.
"""

import copy
import random
import sys
from collections.abc import Iterator

from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor import offline
from tests.deploy.doctor import plan_mutations, plan_rewrites, template_mutations, template_rewrites
from tests.deploy.doctor.template_rewrites import apply
from tests.deploy.doctor.yaml_writer import written

FAMILIES = {"aliyun": template_mutations.FAMILIES, "tencent": plan_mutations.FAMILIES}
_SHIPPED = {"aliyun": template_rewrites.shipped(), "tencent": plan_rewrites.shipped()}
_FORM = {"aliyun": template_rewrites.FORM, "tencent": plan_rewrites.FORM}
_ALL = {"aliyun": template_rewrites.ALL, "tencent": plan_rewrites.ALL}


def mutated(cloud: str, family: str, seed: int) -> str:
    """Return a template or plan with one fault of a family."""
    rng, content = random.Random(f"{cloud} {family} {seed}"), copy.deepcopy(_SHIPPED[cloud])
    FAMILIES[cloud][family](rng, content)
    apply(_FORM[cloud], rng, content)
    return written(content, rng)


def rewritten(cloud: str, seed: int) -> str:
    """Return a template or plan that means the same as ours."""
    rng, content = random.Random(f"{cloud} {seed}"), copy.deepcopy(_SHIPPED[cloud])
    apply(_ALL[cloud], rng, content)
    return written(content, rng)


def findings(cloud: str, text: str, region: str = "cn-hangzhou") -> tuple[Finding, ...]:
    """Return what the doctor finds in a text. Singapore has no python3.12."""
    return offline.aliyun(text, {}, region).findings if cloud == "aliyun" else offline.tencent(text, {}).findings


def unnamed(cloud: str, family: str, seed: int) -> str:
    """Return what is wrong if the fault of a case is not named by its check; nothing if it is."""
    region = "ap-southeast-1" if family == "runtime-not-in-region" else "cn-hangzhou"
    names = {finding.check for finding in findings(cloud, mutated(cloud, family, seed), region)}
    return (
        "" if family in names else f"{cloud} {family}, seed {seed}: {', '.join(sorted(names)) or 'nothing'} was found"
    )


def accused(cloud: str, seed: int) -> str:
    """Return what is wrong if something is found in a harmless rewrite; nothing if nothing is."""
    found = [f"{finding.check}: {finding}" for finding in findings(cloud, rewritten(cloud, seed))]
    return f"{cloud} rewrite, seed {seed}: {found}" if found else ""


def failures(number: int) -> Iterator[str]:
    for cloud, families in FAMILIES.items():
        print(f"{cloud}: {number} rewrites", flush=True)
        yield from filter(None, (accused(cloud, seed) for seed in range(number)))
        for family in families:
            print(f"{cloud}: {number} mutations of {family}", flush=True)
            yield from filter(None, (unnamed(cloud, family, seed) for seed in range(number)))


def main(number: int) -> int:
    failed = 0
    for failure in failures(number):
        print(f"FAILED {failure}", flush=True)
        failed += 1
    print(f"{failed} of all cases failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
