"""This module looks at the deployed function: can it run, is it as the code needs it, and what becomes of failures?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from imagelabels import clouds, settings
from imagelabels.deploy.checks import account, failures
from imagelabels.deploy.checks import function as checks
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.checks.index import INDEX_DOES_NOT_LAST, INDEX_UNSET
from imagelabels.deploy.doctor.live import album, timer, triggers, webhooks
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.ports.functions import Deliveries, DeployedFunction, Functions, Trigger
from imagelabels.views.printing import escaped

MOST_OTHERS = 20
"""The triggers of at most so many other functions are looked at."""
COMPARED = ("detector", "index", "tag_prefix", "tag_limit", "tag_value")
"""The looks at bucket, tags, detector and index depend on these settings."""


def look(site: Site, report: Report) -> None:
    """Make one call for the function, two for how events are delivered to it, one for its triggers, one for the names
    of the account's functions, one for the triggers of each of them, two for the function of the timer, and two for
    each of those of the HTTP API and of webhooks."""
    name = site.target.function
    where = f"function {name}"
    functions: Functions = site.session.functions()
    try:
        found = functions.function(name)
    except LabelingError as error:
        report.unanswered(where, error)
        return
    if found is None:
        cause = f"There is no function {escaped(name)} in the region {site.region}."
        report.add(account.FUNCTION_ABSENT, where, cause)
        return
    report.findings += [*_judged(site, where, found), *_settings(site, where, found)]
    if (deliveries := report.asked(where, lambda: functions.deliveries(name))) is not None:
        report.findings += _deliveries(site.cloud, where, found, deliveries)
    if (known := report.asked(where, lambda: functions.triggers(name))) is not None:
        report.findings += triggers.judged(site, where, known)
        _look_at_others(site, functions, known, report)
        timer.look(functions, name, found, report)
        album.look(functions, name, found, report)
        webhooks.look(functions, name, found, report)


def _look_at_others(site: Site, functions: Functions, known: Sequence[Trigger], report: Report) -> None:
    names = report.asked(site.uri, functions.names) or ()
    others = [name for name in names if name != site.target.function]
    for name in others[:MOST_OTHERS]:
        where = f"function {escaped(name)}"
        theirs = report.asked(where, partial(functions.triggers, name))
        if theirs is None:
            return  # the others would not be shown either
        report.findings += triggers.shared(site, where, known, theirs)


def _judged(site: Site, where: str, function: DeployedFunction) -> Iterator[Finding]:
    if function.problem:
        yield account.FUNCTION_STOPPED.finding(
            where, f"The platform says of the function: {escaped(function.problem)}."
        )
    runtimes = CLOUDS[site.cloud].runtimes
    if function.runtime not in runtimes:
        cause = f"The runtime is {escaped(function.runtime)}, and packages are made for {' and '.join(runtimes)}."
        yield checks.RUNTIME_UNSUPPORTED.finding(where, cause)
    if function.timeout < checks.LEAST_TIMEOUT:
        cause = f"An event may take {function.timeout} s, which is less than {checks.LEAST_TIMEOUT:g} s."
        yield checks.TIMEOUT_BELOW_LEASE.finding(where, cause)
    embedded = function.environment.get("IMAGELABELS_DETECTOR") == "embedded"
    least = checks.EMBEDDED_MB if embedded else checks.LEAST_MB
    if function.memory < least:
        cause = f"The function has {function.memory} MB of memory, and it needs {least} MB."
        yield checks.MEMORY_TOO_SMALL.finding(where, cause)
    if not function.layers:
        yield account.FUNCTION_WITHOUT_LAYER.finding(where, account.FUNCTION_WITHOUT_LAYER.fault)
    if function.events_at_once > 1:
        cause = f"An instance gets {function.events_at_once} events at once."
        yield checks.INSTANCE_CONCURRENCY.finding(where, cause)


def _settings(site: Site, where: str, function: DeployedFunction) -> Iterator[Finding]:
    """Yield what is wrong with the function's own settings. Their values are not shown, since some are secrets."""
    provider = clouds.provider_of(site.scheme)
    platform = {"FC_REGION": site.region, "TENCENTCLOUD_REGION": site.region}
    try:
        values = settings.load(function.environment)
        settings.of(provider, {**platform, **function.environment})
    except Misconfigured as error:
        yield checks.SETTING_VALUE.finding(where, f"The function refuses its settings: {escaped(str(error))}.")
        return
    if values.index is None:
        yield INDEX_UNSET.finding(where, "The function's variable IMAGELABELS_INDEX is not set.")
    elif clouds.index_at(values.index).own_files is not None:
        yield INDEX_DOES_NOT_LAST.finding(where, "The function's index is a file.")
    others = [name for name in COMPARED if getattr(values, name) != getattr(site.settings, name)]
    if others:
        names = ", ".join(f"{settings.PREFIX}{name.upper()}" for name in others)
        yield account.SETTINGS_DIFFER.finding(where, f"The function and this environment differ in {names}.")


def _deliveries(cloud: str, where: str, function: DeployedFunction, deliveries: Deliveries) -> Iterator[Finding]:
    if deliveries.retries < 1:
        yield failures.RETRIES.finding(where, "A failed event is not delivered again.")
    least = failures.least_age(cloud, deliveries.retries, function.timeout)
    if deliveries.longest < least:
        tries = deliveries.retries + 1
        cause = f"An event may wait for {deliveries.longest} s, and {tries} deliveries may take {least:g} s."
        yield failures.EVENT_AGE.finding(where, cause)
    if not deliveries.failures:
        yield failures.FAILURES_LOST.finding(where, "No queue takes the events whose last delivery failed.")
    if deliveries.unlimited:
        yield checks.INSTANCES_UNLIMITED.finding(where, "The function has no limit of instances.")
    if deliveries.instances == 0:
        yield checks.NO_INSTANCE.finding(where, "The function may have 0 instances.")
