"""Exports and changes over HTTP."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from imagelabels.api import app
from imagelabels.api.streaming import Part, Streamed
from imagelabels.api.wsgi import Wsgi
from imagelabels.domain.errors import Unavailable
from imagelabels.views.spreadsheets import cell
from tests.api.world import Answered, Site, event, seen

FORMULA = '=HYPERLINK("http://evil.example","x")'


def text(answer: Answered) -> str:
    assert isinstance(answer.body, Streamed), answer.body
    return b"".join(part.body for part in answer.body.parts).decode()


@pytest.fixture
def site() -> Site:
    site = Site()
    for number in range(1_234):
        site.has(f"{number:04}.jpg", seen("dog" if number % 2 else "cat"))
    return site


def test_an_export_has_every_picture_that_matches_once(site: Site) -> None:
    lines = [json.loads(line) for line in text(site.get("/v1/export?label=dog")).splitlines()]
    assert [line["uri"] for line in lines] == [f"oss://photos/{number:04}.jpg" for number in range(1, 1_234, 2)]


def test_an_export_reads_no_further_than_it_is_read(site: Site) -> None:
    answer = site.get("/v1/export")
    asked = site.index.asked
    next(answer.body.parts)
    assert site.index.asked == asked == 1


def test_a_client_that_goes_away_midway_ends_the_reading(site: Site) -> None:
    answer = site.get("/v1/export")
    next(answer.body.parts)
    answer.body.parts.close()  # What the server does when the client has gone.
    assert site.index.asked == 1


def test_an_export_that_is_cut_says_where_it_goes_on(site: Site) -> None:
    first, following = site.get("/v1/export?format=csv&label=dog").body.whole(1)
    assert following is not None
    rest = text(site.get(following))
    whole = text(site.get("/v1/export?format=csv&label=dog"))
    assert first.decode() + rest == whole


@pytest.mark.parametrize(("most", "parts"), [(250_000, 1), (1_000_000, 3)])
def test_an_answer_of_a_function_would_be_longer_than_its_platform_takes(
    site: Site, monkeypatch: pytest.MonkeyPatch, most: int, parts: int
) -> None:
    monkeypatch.setattr(app, "MOST_BYTES", most)
    answer = site.api.whole(event("GET", "/v1/export"))
    assert site.index.asked == parts
    assert len(answer["body"]) <= most
    assert ("Link" in answer["headers"]) == (parts < 3)


def test_a_part_that_is_larger_than_the_one_before_it_waits_for_the_next_answer() -> None:
    parts = [Part(b"a", "/b"), Part(b"b" * 10, "/c"), Part(b"c", None)]
    assert Streamed(iter(parts)).whole(5) == (b"a", "/b")


def test_an_export_whose_index_fails_midway_ends_there_and_says_where_it_goes_on(site: Site) -> None:
    whole = text(site.get("/v1/export"))
    site.index.asked, site.index.fails = 0, {2: Unavailable("index_error", "the index does not answer")}
    first = site.api.whole(event("GET", "/v1/export"))
    rest = re.fullmatch('<(.*)>; rel="next"', first["headers"]["Link"])
    assert (first["statusCode"], rest is not None) == (200, True)
    assert rest is not None
    assert first["body"] + text(site.get(rest[1])) == whole


def test_an_export_in_which_a_fault_of_ours_shows_would_end_the_function_with_a_traceback(site: Site) -> None:
    site.index.fails = {2: RuntimeError("sqlite:////secret/path")}
    answer = site.api.whole(event("GET", "/v1/export"))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (500, "fault")
    assert "secret" not in json.dumps(answer)
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"


def test_a_client_that_asks_for_the_head_of_an_export_would_get_all_of_it(site: Site) -> None:
    statuses: list[str] = []
    environ = {"REQUEST_METHOD": "HEAD", "PATH_INFO": "/v1/export", "wsgi.input": io.BytesIO()}
    body = Wsgi(site.api)(environ, lambda status, headers: statuses.append(status))
    assert (statuses, list(body), site.index.asked) == (["200 OK"], [], 1)


def test_no_cell_of_a_csv_is_taken_for_a_formula() -> None:
    site = Site()
    site.has("<script>\n,\"'.jpg", replace(seen("user:x"), name=FORMULA))
    rows = list(csv.DictReader(io.StringIO(text(site.get("/v1/export?format=csv")))))
    assert rows[0]["labels"] == f"'{FORMULA}"
    assert rows[0]["uri"] == "oss://photos/<script>\n,\"'.jpg"


def test_a_cell_with_line_ends_and_quotes_stays_one_cell() -> None:
    site = Site()
    key = 'a,b\r\n"c";\\d\n=1.jpg'
    site.has(key, seen("dog"))
    rows = list(csv.reader(io.StringIO(text(site.get("/v1/export?format=csv")), newline="")))
    assert [row[1] for row in rows] == ["uri", "oss://photos/" + key.replace("\n=", "\n'=")]


@pytest.mark.parametrize(
    "key", ["not-unicode-\udcff.jpg", "</script><script>alert(1)</script>.jpg", "\x00\x1b\x7f\u2028.jpg"]
)
def test_a_key_that_is_no_valid_text_is_answered_all_the_same(key: str) -> None:
    site = Site()
    site.has(key, seen("dog"))
    answer = site.get("/v1/pictures")
    assert answer.body.isascii()
    assert answer.json["pictures"][0]["uri"] == f"oss://photos/{key}"
    (line,) = text(site.get("/v1/export")).splitlines()
    assert json.loads(line)["uri"] == f"oss://photos/{key}"


def test_every_answer_forbids_browsers_to_take_it_for_a_page() -> None:
    site = Site()
    site.has("<script>alert(1)</script>.jpg", seen("dog"))
    for address in ("/v1/pictures", "/v1/export?format=csv", "/v1/export", "/v1/nothing", "/openapi.json"):
        headers = site.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "html" not in headers["Content-Type"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_every_beginning_of_a_formula_is_defused(begin: str) -> None:
    assert cell(f"{begin}1") == f"'{begin}1"
    assert cell(f"a{begin}1") == f"a{begin}1"


@pytest.mark.parametrize("blank", ["\ufeff", "\u00a0", "\u3000", "\u200b", "\x00", "\x0b", "\x1f ", "\u2028"])
def test_a_formula_behind_an_invisible_character_would_be_run(blank: str) -> None:
    assert cell(f"{blank}=1") == f"'{blank}=1"
    assert cell(f'a;{blank}"{blank}=1\n{blank}-1') == f"a;'{blank}\"{blank}=1\n'{blank}-1"
    assert cell(f"{blank}a=1") == f"{blank}a=1"


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(1)", " =1+1", '"=1+1"', '""=1+1', "＝1", '" @x'])
def test_a_spreadsheet_that_parts_cells_at_semicolons_would_run_a_strangers_formula(
    separator: str, begins: str
) -> None:
    site = Site()
    site.has(f"a{separator}{begins}{separator}{begins}\n{begins}.jpg", replace(seen("user:x"), name=f"x;{begins}"))
    for line in text(site.get("/v1/export?format=csv")).splitlines():
        for part in line.split(separator):
            assert not part.lstrip(' "').startswith(("=", "+", "-", "@", "＝")), part


def test_a_name_with_a_semicolon_that_begins_no_formula_would_be_changed() -> None:
    for name in ("a;b", "a; b=1", "a,=1", "a-b;c-d", "a\tb", ";", "a;"):
        assert cell(name) == name


@pytest.mark.parametrize("question", ["?format=xml", "?label=dog:7", "?page=x", "?order=newest"])
def test_an_export_that_cannot_be_meant_is_refused_before_anything_is_sent(question: str) -> None:
    assert Site().get(f"/v1/export{question}").status == 400


def test_changes_are_followed_with_a_cursor() -> None:
    site = Site()
    start = site.get("/v1/changes?since=now").json["next"]
    site.has("a.jpg", seen("dog"))
    site.has("b.jpg", seen("dog"))
    first = site.get(f"/v1/changes?since={start}&limit=1").json
    second = site.get(f"/v1/changes?since={first['next']}&limit=1").json
    third = site.get(f"/v1/changes?since={second['next']}").json
    told = [change["uri"] for answer in (first, second, third) for change in answer["changes"]]
    assert told == ["oss://photos/a.jpg", "oss://photos/b.jpg"]
    assert third["next"] == second["next"]


def test_a_cursor_that_is_too_old_or_damaged_is_refused() -> None:
    site = Site()
    site.has("a.jpg", seen("dog"))
    site.changes.removed = 1
    assert (site.get("/v1/changes?since=0").status, site.get("/v1/changes?since=0").code) == (410, "cursor_too_old")
    assert site.get("/v1/changes?since=abc").code == "bad_cursor"
