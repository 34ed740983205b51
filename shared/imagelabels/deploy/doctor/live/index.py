"""This module looks at the index: is it there, is it built, is it ours, and may it be read and written?"""

from __future__ import annotations

import secrets

from imagelabels import clouds, settings
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain.errors import Misconfigured
from imagelabels.ports import ExaminedIndex, IndexState


def look(site: Site, report: Report) -> None:
    """Look at the index that IMAGELABELS_INDEX names. An index that cannot be examined is a file, and not looked at."""
    url = site.settings.index
    if url is None:
        report.error(
            "index-unset",
            "IMAGELABELS_INDEX",
            "IMAGELABELS_INDEX is not set.",
            "A function without an index does not start.",
            f"Name the index, as {clouds.index_examples()}.",
        )
        return
    kind = clouds.index_at(url)
    opened = _opened(url, kind, site, report)
    if not isinstance(opened, ExaminedIndex):
        return
    state = report.asked(url, opened.state)
    if state is None or not (state.missing or state.foreign):
        for error in opened.refusals(f"imagelabels-doctor-{secrets.token_hex(8)}"):
            report.failed(url, error)
    if state is not None:
        _judge(url, state, report)


def _opened(url: str, kind: clouds.Index, site: Site, report: Report) -> object:
    try:
        return kind.open(url, settings.of(kind, site.environ), site.environ, site.session)
    except Misconfigured as error:
        report.failed(url, error)
        return None


def _judge(url: str, state: IndexState, report: Report) -> None:
    if state.foreign:
        report.error(
            "index-foreign",
            url,
            f"The tables {', '.join(state.foreign)} have another primary key than ours.",
            "The function cannot store what it finds.",
            "Use an instance without tables of these names.",
        )
    if state.missing:
        report.error(
            "index-missing",
            url,
            f"The tables {', '.join(state.missing)} are not there.",
            "The function cannot store what it finds, and every event fails.",
            "Run `imagelabels index create`.",
        )
    elif state.search == "missing":
        report.error(
            "search-index-missing",
            url,
            "The search index is not there.",
            "Labels are written, and no search is answered.",
            "Run `imagelabels index create`.",
        )
    elif state.search == "building":
        report.warning(
            "search-index-building",
            url,
            "The search index is still being built.",
            "It knows a part of the rows, so searches are refused until it is ready.",
            "Wait until it is built; for a large table this takes hours.",
        )
    if state.lacking:
        report.error(
            "search-index-old",
            url,
            f"The search index lacks {', '.join(state.lacking)}.",
            "Searches are refused.",
            "Run `imagelabels index migrate`, which builds it again.",
        )
    if state.old_rows:
        report.warning(
            "rows-old",
            url,
            "Rows were written by an older version.",
            "Searches miss what only newer rows hold.",
            "Run `imagelabels index migrate`.",
        )
