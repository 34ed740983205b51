"""Calls at once: all of them end, and the error that counts is the one that is raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagelabels.domain.errors import Gone, Unavailable
from imagelabels.usecases.pairs import AtOnce, inline, on


@pytest.fixture(params=["inline", "on an executor"])
def at_once(request: pytest.FixtureRequest) -> Iterator[AtOnce]:
    if request.param == "inline":
        yield inline
        return
    with ThreadPoolExecutor(2) as executor:
        yield on(executor)


def failing(error: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


def test_results_come_in_the_order_of_their_calls(at_once: AtOnce) -> None:
    assert at_once(lambda: 1, lambda: 2, lambda: 3) == [1, 2, 3]
    assert at_once(lambda: 1) == [1]


@pytest.mark.parametrize("gone_first", [True, False])
def test_an_object_that_is_gone_does_not_hide_that_a_port_failed(at_once: AtOnce, gone_first: bool) -> None:
    gone, throttled = Gone(), Unavailable("throttled")
    errors: list[Exception] = [gone, throttled] if gone_first else [throttled, gone]
    with pytest.raises(Unavailable) as caught:
        at_once(*(failing(error) for error in errors))
    assert caught.value is throttled
    assert caught.value.__cause__ is gone


def test_an_object_that_is_gone_is_told_where_nothing_else_failed(at_once: AtOnce) -> None:
    with pytest.raises(Gone):
        at_once(failing(Gone()), lambda: 1)


def test_an_error_keeps_what_it_came_from(at_once: AtOnce) -> None:
    cause = OSError("the connection was closed")
    error = Unavailable("timeout")
    error.__cause__ = cause
    with pytest.raises(Unavailable) as caught:
        at_once(lambda: 1, failing(error))
    assert caught.value.__cause__ is cause


def test_all_calls_end_before_an_error_is_raised(at_once: AtOnce) -> None:
    ended: list[str] = []
    with pytest.raises(Unavailable):
        at_once(failing(Unavailable("throttled")), lambda: ended.append("second"), lambda: ended.append("third"))
    assert sorted(ended) == ["second", "third"]
