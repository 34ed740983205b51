"""Says in one line when the page was not looked at in a browser."""

from __future__ import annotations

import pytest

from tests.page import chromium


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium.program() is None:
        terminalreporter.write_line("no chromium was found: the page was not looked at in a browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none."""
    if chromium.program() is None:
        items[:] = [item for item in items if item.get_closest_marker("browser") is None]
