"""This module looks at the index: is it there, is it built, is it ours, and may it be read and written?"""

from __future__ import annotations

from imagelabels import clouds, settings
from imagelabels.deploy.checks import account
from imagelabels.deploy.checks.index import INDEX_OUT_OF_REACH, INDEX_UNSET
from imagelabels.deploy.doctor.live.report import Report, sentence
from imagelabels.deploy.doctor.live.target import Site, unused_name
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.ports.examined import ExaminedIndex, IndexState


def look(site: Site, report: Report) -> None:
    """Look at the index that IMAGELABELS_INDEX names. An index that cannot be examined is a file, and not looked at."""
    url = site.settings.index
    if url is None:
        report.add(INDEX_UNSET, "IMAGELABELS_INDEX", "IMAGELABELS_INDEX is not set.")
        return
    kind = clouds.index_at(url)
    opened = _opened(url, kind, site, report)
    if not isinstance(opened, ExaminedIndex):
        return
    state = None
    try:
        state = opened.state()
    except LabelingError as refusal:
        report.unanswered(url, refusal)
        if isinstance(refusal, Unavailable):
            return  # no other call would get an answer
    if state is None or not (state.missing or state.foreign):
        for error in opened.refusals(unused_name()):
            report.failed(url, error)
    if state is not None:
        _judge(url, state, report)


def _opened(url: str, kind: clouds.Index, site: Site, report: Report) -> object:
    try:
        return kind.open(url, settings.of(kind, site.environ), site.environ, site.session)
    except Misconfigured as error:
        cure = (
            "Set the variable that the message names, with the function's value. If the function has it, nothing is "
            "wrong with the function."
        )
        report.add(INDEX_OUT_OF_REACH, url, sentence(error), cure)
        return None


def _judge(url: str, state: IndexState, report: Report) -> None:
    if state.foreign:
        cause = f"The tables {', '.join(state.foreign)} have another primary key than ours."
        report.add(account.INDEX_FOREIGN, url, cause)
    if state.missing:
        report.add(account.INDEX_MISSING, url, f"The tables {', '.join(state.missing)} are not there.")
    elif state.search == "missing":
        report.add(account.SEARCH_INDEX_ABSENT, url, account.SEARCH_INDEX_ABSENT.fault)
    elif state.search == "building":
        report.add(account.SEARCH_INDEX_BUILDING, url, account.SEARCH_INDEX_BUILDING.fault)
    if state.lacking:
        report.add(account.SEARCH_INDEX_OLD, url, f"The search index lacks {', '.join(state.lacking)}.")
    if state.old_rows:
        report.add(account.ROWS_OLD, url, account.ROWS_OLD.fault)
