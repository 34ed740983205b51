"""What is printed of a page of pictures."""

from __future__ import annotations

import pytest

from imagelabels.domain import taxonomy
from imagelabels.domain.query import Page
from imagelabels.views.rows import print_page


def test_the_token_of_the_next_page_would_make_the_terminal_obey(capsys: pytest.CaptureFixture[str]) -> None:
    print_page(Page((), "a\x1b[2J\u202eb"), "table", taxonomy.load())
    assert capsys.readouterr().err == "there are more: --page 'a\\x1b[2J\\u202eb'\n"
