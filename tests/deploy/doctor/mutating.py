"""This module makes the seeded cases of the doctor's tests. `make doctor-mutations` runs all of them.

`python -m tests.deploy.doctor.mutating [NUMBER]` tries NUMBER (300) cases of each family and NUMBER rewrites.
"""

import copy
import random
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed

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


def failures(cloud: str, family: str, seeds: range) -> list[str]:
    """Return what is wrong with the cases of a family, or with rewrites if `family` is empty."""
    cases = (unnamed(cloud, family, seed) if family else accused(cloud, seed) for seed in seeds)
    return [failure for failure in cases if failure]


def main(number: int) -> int:
    tasks = [(cloud, family) for cloud, families in FAMILIES.items() for family in ("", *families)]
    failed = 0
    with ProcessPoolExecutor() as pool:
        running = {pool.submit(failures, *task, range(number)): task for task in tasks}
        for done in as_completed(running):
            cloud, family = running[done]
            print(f"{cloud}: {number} {f'mutations of {family}' if family else 'rewrites'}", flush=True)
            for failure in done.result():
                print(f"FAILED {failure}", flush=True)
                failed += 1
    print(f"{failed} of {number * len(tasks)} cases failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
