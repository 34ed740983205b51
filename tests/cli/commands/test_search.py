"""`imagelabels search` over a real index of a few pictures."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.cli.commands import search
from imagelabels.cli.main import main
from imagelabels.domain import measured
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import LabelIndex
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from tests.contract.samples import label, put, record

EVIL = "evil\n\x1b[2J[red]\u202egpj"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "index.db")) as opened:
        ledger = SqliteLedger(opened)
        dog = label("dog", 0.93, "mammal", "Dogs")
        for key, labels, at in (
            ("dog.jpg", (dog,), 1),
            ("dog-on-beach.jpg", (dog, label("seashore", 0.5)), 2),
            (EVIL, (label("imm:露营", 0.8, None, "露\x1b营"),), 3),
        ):
            put(ledger, record(ObjectRef("oss", "album", key), labels, updated_at=1_700_000_000_000 + at))
        yield opened


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _ask(database: Database, *arguments: str) -> int:
    return search.run(search.command().parsed(*arguments), lambda _: SqliteLabelIndex(database))


@pytest.fixture
def ask(database: Database, capsys: pytest.CaptureFixture[str]) -> Ask:
    return Ask(database, capsys)


class Ask:
    """Runs a search; keeps what it printed."""

    def __init__(self, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
        self._database, self._capsys = database, capsys
        self.errors = ""

    def __call__(self, *arguments: str) -> list[str]:
        assert _ask(self._database, *arguments) == 0
        lines, self.errors = self._capsys.readouterr()
        return lines.splitlines()

    def keys(self, *arguments: str) -> list[str]:
        rows = [json.loads(line) for line in self("--format", "json", *arguments)]
        return [row["uri"].removeprefix("oss://album/") for row in rows if "uri" in row]


def test_all_words_must_match_and_any_word_is_enough(ask: Ask) -> None:
    assert ask.keys("dog") == ["dog-on-beach.jpg", "dog.jpg"]
    assert ask.keys("dog", "seashore") == ["dog-on-beach.jpg"]
    assert ask.keys("--any", "seashore", "露营") == [EVIL, "dog-on-beach.jpg"]
    assert ask.keys("dog", "--any", "seashore", "露营") == ["dog-on-beach.jpg"]
    assert len(ask.keys()) == 3


def test_a_wide_word_finds_what_is_below_it(ask: Ask) -> None:
    assert ask.keys("mammal", "--order", "uri") == ["dog-on-beach.jpg", "dog.jpg"]


def test_confidence_prefix_order_and_limit_are_heeded(ask: Ask) -> None:
    assert ask.keys("seashore", "--min-confidence", "0.51") == []
    assert ask.keys("--prefix", "oss://album/dog.") == ["dog.jpg"]
    assert len(ask.keys("--prefix", "oss://album")) == len(ask.keys("--prefix", "oss://album/")) == 3
    assert ask.keys("--prefix", "oss://alb") == []
    assert ask.keys("--order", "uri", "--limit", "1") == ["dog-on-beach.jpg"]
    assert ask.keys("--order", "oldest", "--limit", "1") == ["dog.jpg"]
    assert ask.keys("--order", "confidence", "--limit", "2") == ["dog-on-beach.jpg", "dog.jpg"]


def test_what_a_picture_must_not_show_and_how_sure_each_word_is_are_heeded(ask: Ask) -> None:
    assert ask.keys("dog", "--none", "seashore") == ["dog.jpg"]
    assert ask.keys("dog", "--none", "seashore:0.51") == ["dog-on-beach.jpg", "dog.jpg"]
    assert ask.keys("dog:0.93") == ["dog-on-beach.jpg", "dog.jpg"]
    assert ask.keys("dog:0.94", "--min-confidence", "0.1") == []
    assert ask.keys("dog", "seashore:0.5", "--min-confidence", "0.9") == ["dog-on-beach.jpg"]


def test_times_are_dates_or_moments_and_utc_where_they_name_no_zone(ask: Ask) -> None:
    # All were uploaded at 22:13:20 on the day before, and labelled then too.
    assert ask.keys("--until", "2023-11-14") == ask.keys("--from", "2023-11-15") == []
    assert len(ask.keys("--from", "2023-11-14", "--until", "2023-11-15")) == 3
    assert len(ask.keys("--from", "2023-11-14T22:13:20Z")) == len(ask.keys("--from", "2023-11-14 22:13:20")) == 3
    assert ask.keys("--from", "2023-11-14T22:13:21Z") == ask.keys("--until", "2023-11-15T06:13:20+08:00") == []
    assert len(ask.keys("--since", "2023-11-14T22:13Z")) == 3
    assert ask.keys("--since", "2023-11-14T22:14Z") == []


def test_every_time_that_is_printed_is_taken(ask: Ask) -> None:
    rows = [json.loads(line) for line in ask("--format", "json", "--order", "oldest")]
    last = rows[1]["updated_at"]
    assert last == "2023-11-14T22:13:20.002Z"
    assert ask.keys("--since", f"{last}", "--order", "oldest") == ["dog-on-beach.jpg", EVIL]
    for moment in ("2023-11-14T22:13:20.002Z", "2023-11-15 06:13:20.002+08:00", "2023-11-14 22:13:20,002999"):
        assert ask.keys("--since", moment, "--order", "oldest") == ["dog-on-beach.jpg", EVIL]
    printed = ask()[0].split("\t")[3]
    assert printed == "2023-11-14 22:13:20Z"
    assert len(ask.keys("--since", printed)) == 3
    assert len(ask.keys("--from", rows[0]["taken_at"])) == 3
    assert len(ask.keys("--from", "1700000000000")) == 3
    assert ask.keys("--until", "1700000000000") == []


def test_every_uri_that_is_printed_is_taken(database: Database, ask: Ask) -> None:
    for key in (r"back\slash.jpg", "露营 1.jpg", "not-unicode-\udcff.jpg", "tab\t.jpg"):
        put(SqliteLedger(database), record(ObjectRef("oss", "album", key), ()))
    lines = ask("--limit", "100")
    assert len(lines) == 7
    for line in lines:
        printed = line.split("\t")[0]
        assert [found.split("\t")[0] for found in ask("--prefix", printed)] == [printed]
    for line in ask("--limit", "100", "--format", "json"):
        uri = json.loads(line)["uri"]
        assert [json.loads(found)["uri"] for found in ask("--prefix", uri, "--format", "json")] == [uri]


def test_every_label_that_is_printed_is_taken(database: Database, ask: Ask) -> None:
    mine = label("user:my boat", 1.0, None, "my boat")
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "boat.jpg"), (mine,)))
    for line in ask("--counts")[1:]:
        number, _, label_id = line.split("\t")
        assert len(ask.keys(label_id)) == int(number)
    assert ask.keys("my boat") == ask.keys("My-boat") == ["boat.jpg"]
    assert ask.keys("Dogs") == ask.keys("dog")


def _put_refused(database: Database) -> None:
    ledger = SqliteLedger(database)
    for number, (key, reason, notes) in enumerate(
        (
            ("1.heic", "unsupported_format", ("format_heic",)),
            ("2.heic", "unsupported_format", ("format_heic",)),
            ("torn.jpg", "corrupt", ()),
        )
    ):
        row = record(ObjectRef("oss", "album", key), (), "skipped", reason, 1_700_000_001_000 - number)
        put(ledger, replace(row, notes=notes, width=None, height=None))


def test_why_pictures_were_skipped_is_shown(database: Database, ask: Ask) -> None:
    _put_refused(database)
    assert ask.keys("--state", "parked") == []
    assert ask.keys("--state", "skipped") == ["1.heic", "2.heic", "torn.jpg"]
    assert ask("--state", "skipped")[0].split("\t") == [
        *("oss://album/1.heic", "", "", "2023-11-14 22:13:21Z", "skipped: unsupported_format, format_heic")
    ]
    row = json.loads(ask("--state", "skipped", "--format", "json")[0])
    assert (row["state"], row["reason"], row["notes"]) == ("skipped", "unsupported_format", ["format_heic"])


def test_pictures_are_found_by_their_reason_and_by_their_note_whatever_their_state(
    database: Database, ask: Ask
) -> None:
    _put_refused(database)
    assert ask.keys("--reason", "corrupt") == ["torn.jpg"]
    assert ask.keys("--reason", "format_heic") == ["1.heic", "2.heic"]
    assert ask.keys("--reason", "format_heic", "--state", "labelled") == []
    assert ask.errors.splitlines() == [
        "no picture matches",
        "`imagelabels search --state any --counts` lists reasons and notes that there are",
    ]
    assert len(ask.keys("--reason", "tag_taken")) == 3
    assert len(ask.keys("--state", "any")) == 6


def test_what_to_convert_is_counted(database: Database, ask: Ask) -> None:
    _put_refused(database)
    assert ask("--state", "skipped", "--counts") == [
        *("3\tpictures", "2\treason\tunsupported_format", "1\treason\tcorrupt", "2\tnote\tformat_heic")
    ]
    assert ask("--state", "any", "--counts")[:3] == ["6\tpictures", "3\tstate\tlabelled", "3\tstate\tskipped"]
    (line,) = ask("--state", "any", "--counts", "--format", "json")
    counts = json.loads(line)
    assert counts["by_state"] == {"labelled": 3, "skipped": 3}
    assert counts["by_reason"] == {"unsupported_format": 2, "corrupt": 1}
    assert counts["by_note"] == {"format_heic": 2}


def test_counts_are_told_by_category_and_label_and_for_machines(ask: Ask) -> None:
    assert ask("dog", "--counts") == ["2\tpictures", "2\tlabel\tdog", "1\tlabel\tseashore"]
    (line,) = ask("--counts", "--format", "json")
    assert json.loads(line) == {
        "total": 3,
        "by_state": {"labelled": 3},
        "by_reason": {},
        "by_note": {},
        "by_category": {},
        "by_label": {"dog": 2, "imm:露营": 1, "seashore": 1},
    }
    assert ask("cat", "--counts") == ["0\tpictures"]
    assert ask.errors == "no picture matches\ncat: pictures often get only the wider label: try Mammals (mammal)\n"


def test_a_label_without_a_wider_one_is_told_to_be_given_seldom_if_it_is(ask: Ask) -> None:
    sky = measured.load()["sky"]
    assert ask("天空") == []
    seldom = f"the embedded model gave Sky (sky) to only {sky.right} of the {sky.there} measured pictures that show it"
    assert ask.errors == f"no picture matches\n天空: {seldom}: a lower threshold finds more\n"
    assert ask("sunset") == []
    assert ask.errors == "no picture matches\n"


def test_counts_name_the_categories_first(database: Database, ask: Ask) -> None:
    row = record(ObjectRef("oss", "album", "husky.jpg"), (label("husky"),), ancestors={"husky": ("dog", "mammal")})
    put(SqliteLedger(database), row)
    assert ask("mammal", "--none", "dog:0.91", "--counts") == [
        *("1\tpictures", "1\tcategory\tmammal"),
        *("1\tlabel\tdog", "1\tlabel\thusky", "1\tlabel\tmammal"),
    ]


def test_no_label_in_the_counts_can_act_on_a_terminal(database: Database, ask: Ask) -> None:
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "x"), (label("imm:\x1b[2J\n"),)))
    assert all(line.replace("\t", "").isprintable() for line in ask("--counts"))


def test_json_is_one_line_per_picture_with_the_labels_of_detect(ask: Ask) -> None:
    (line,) = ask("seashore", "--format", "json")
    assert json.loads(line) == {
        "uri": "oss://album/dog-on-beach.jpg",
        "labels": [
            {
                "id": "dog",
                "name": "Dogs",
                "confidence": 0.93,
                "centric_score": 0.5,
                "level": 3,
                "parent_id": "mammal",
                "parent_name": "Mammals",
                "language": "en",
            },
            {
                "id": "seashore",
                "name": "Seashore",
                "confidence": 0.5,
                "centric_score": 0.5,
                "level": 3,
                "parent_id": None,
                "parent_name": None,
                "language": "en",
            },
        ],
        "width": 640,
        "height": 480,
        "taken_at": "2023-07-01T12:00:00",
        "updated_at": "2023-11-14T22:13:20.002Z",
        "state": "labelled",
        "reason": None,
        "notes": ["tag_taken", "tags_left_out"],
    }


def test_the_last_line_of_json_names_the_next_page_until_there_is_none(ask: Ask) -> None:
    first = [json.loads(line) for line in ask("dog", "--limit", "1", "--format", "json")]
    assert [next(iter(line)) for line in first] == ["uri", "next"]
    second = [json.loads(line) for line in ask("dog", "--limit", "1", "--format", "json", "--page", first[1]["next"])]
    assert [line.get("uri") for line in second] == ["oss://album/dog.jpg"]


def test_a_pipe_gets_one_line_per_picture_with_tabs_between(ask: Ask) -> None:
    lines = ask("dog", "--order", "uri")
    at, noted = "2023-11-14 22:13:20Z", "labelled: tag_taken, tags_left_out"
    assert [line.split("\t") for line in lines] == [
        ["oss://album/dog-on-beach.jpg", "Dogs 0.93, Seashore 0.50", "640x480", at, noted],
        ["oss://album/dog.jpg", "Dogs 0.93", "640x480", at, noted],
    ]
    assert ask.errors == ""


def test_the_next_page_is_named_where_it_is_in_nobody_s_way(ask: Ask) -> None:
    assert len(ask("dog", "--limit", "1")) == 1
    token = ask.errors.partition("--page ")[2].strip()
    assert [line.split("\t")[0] for line in ask("dog", "--limit", "1", "--page", token)] == ["oss://album/dog.jpg"]
    assert ask.errors == ""


@pytest.mark.parametrize("output_format", ["table", "json"])
def test_no_key_and_no_label_can_act_on_a_terminal_or_add_a_line(ask: Ask, output_format: str) -> None:
    (line,) = ask("露营", "--format", output_format)
    assert line.replace("\t", "").isprintable()
    assert r"evil\n\x1b[2J[red]\u202egpj" in line or r"evil\n\u001b[2J[red]\u202egpj" in line


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 40 columns, whatever the tests were started from."""
    monkeypatch.setenv("COLUMNS", "40")


def _shown(database: Database, *arguments: str) -> list[str]:
    """The lines that a terminal gets."""
    with redirect_stdout(Terminal()) as terminal:
        assert _ask(database, *arguments) == 0
    return terminal.getvalue().splitlines()


@pytest.mark.usefixtures("narrow")
def test_people_get_each_uri_on_a_line_of_its_own_and_the_rest_indented_below(
    database: Database,
) -> None:
    _put_refused(database)
    assert _shown(database, "--state", "any", "--order", "uri") == [
        "oss://album/1.heic",
        "    2023-11-14 22:13:21Z,",
        "    skipped: unsupported_format, format_heic",
        *("oss://album/2.heic", "    2023-11-14 22:13:20Z,", "    skipped: unsupported_format, format_heic"),
        "oss://album/dog-on-beach.jpg",
        "    Dogs 0.93, Seashore 0.50",
        "    640x480, 2023-11-14 22:13:20Z,",
        "    labelled: tag_taken, tags_left_out",
        *("oss://album/dog.jpg", "    Dogs 0.93", "    640x480, 2023-11-14 22:13:20Z,"),
        "    labelled: tag_taken, tags_left_out",
        r"oss://album/evil\n\x1b[2J[red]\u202egpj",
        *(r"    露\x1b营 0.80", "    640x480, 2023-11-14 22:13:20Z,", "    labelled: tag_taken, tags_left_out"),
        *("oss://album/torn.jpg", "    2023-11-14 22:13:20Z,", "    skipped: corrupt"),
    ]


@pytest.mark.usefixtures("narrow")
def test_a_uri_wider_than_the_terminal_is_one_whole_line_to_copy(database: Database) -> None:
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "k" * 300), (label("kite"),)))
    assert _shown(database, "--prefix", "oss://album/k")[0] == "oss://album/" + "k" * 300


@pytest.mark.usefixtures("narrow")
def test_labels_fill_the_lines_of_a_terminal_and_no_more(database: Database) -> None:
    labels = tuple(
        label(f"imm:{n}", 0.5, None, name) for n, name in enumerate(["金毛寻回犬", "Dog", "长" * 30, "Cat", "狗"])
    )
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "many.jpg"), labels))
    assert _shown(database, "--prefix", "oss://album/many")[1:4] == [
        "    金毛寻回犬 0.50, Dog 0.50,",
        "    " + "长" * 30 + " 0.50,",
        "    Cat 0.50, 狗 0.50",
    ]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("term", [None, "dumb", "xterm"])
def test_a_terminal_of_any_kind_gets_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch, term: str | None
) -> None:
    if term is None:
        monkeypatch.delenv("TERM", raising=False)
    else:
        monkeypatch.setenv("TERM", term)
    assert _shown(database, "seashore")[:2] == ["oss://album/dog-on-beach.jpg", "    Dogs 0.93, Seashore 0.50"]


def test_no_match_is_said_on_stderr_and_is_no_failure(ask: Ask) -> None:
    for output_format in ("table", "json"):
        assert ask("cat", "dog", "--format", output_format) == []
        assert ask.errors == "no picture matches\n"


def test_a_misspelt_word_is_answered_with_a_suggestion(ask: Ask) -> None:
    assert ask("chihuahau", "dog") == []
    assert "nothing is called chihuahau: did you mean Chihuahua?" in ask.errors


def test_a_word_that_the_model_cannot_say_is_answered_honestly(ask: Ask) -> None:
    assert ask("woman") == []
    assert ask.errors == (
        "no picture matches\nwoman: the embedded model does not tell women from men: try People (person)\n"
    )


def test_leaving_out_what_no_label_says_is_said_since_it_leaves_out_nothing(ask: Ask) -> None:
    assert ask("新郎") == []
    assert ask.errors == (
        "no picture matches\n新郎: the embedded model never gives Groom (groom), which was wrong too often: try People"
        " (person)\n"
    )
    assert len(ask("dog", "--none", "woman")) == 2
    assert ask.errors.startswith("woman: the embedded model")
    assert len(ask("dog", "--none", "seashore")) == 1
    assert ask.errors == ""


def test_the_first_example_of_the_documentation_works_as_it_is_written(ask: Ask) -> None:
    assert ask.keys("dog", "beach") == ["dog-on-beach.jpg"]


def test_a_misspelt_word_cannot_act_on_a_terminal(ask: Ask) -> None:
    assert ask("chihuahau\x1b") == []
    assert "\x1b" not in ask.errors


@pytest.mark.parametrize(
    "error",
    [Misconfigured("IMAGELABELS_INDEX is not set: name the database"), Unavailable("throttled", "the index is\nbusy")],
)
def test_an_index_that_is_not_to_be_had_is_a_message_and_status_2(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def open_index(url: str | None) -> LabelIndex:
        raise error

    assert search.run(search.command().parsed("dog"), open_index) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"imagelabels search: {error}\n".replace("is\nbusy", r"is\nbusy")


def test_a_page_token_of_another_query_is_a_message_and_status_2(
    database: Database, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    token = json.loads(ask("dog", "--limit", "1", "--format", "json")[1])["next"]
    assert _ask(database, "seashore", "--page", token) == 2
    assert "another query" in capsys.readouterr().err


def test_a_confidence_that_is_none_is_a_message_and_status_2(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(database, "dog:80") == 2
    assert "dog:80: a confidence is from 0 to 1" in capsys.readouterr().err


def test_the_index_that_was_named_is_the_one_that_is_opened(database: Database) -> None:
    opened: list[str | None] = []

    def open_index(url: str | None) -> LabelIndex:
        opened.append(url)
        return SqliteLabelIndex(database)

    assert search.run(search.command().parsed("--index", "sqlite:///labels.db"), open_index) == 0
    assert search.run(search.command().parsed(), open_index) == 0
    assert opened == ["sqlite:///labels.db", None]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--min-confidence", "1.01"), "1.01 is not a number from 0 to 1"),
        (("--min-confidence", "nan"), "nan is not a number from 0 to 1"),
        (("--min-confidence", "much"), "much is not a number from 0 to 1"),
        (("--limit", "0"), "0 is not a number from 1 to 1000"),
        (("--limit", "1001"), "1001 is not a number from 1 to 1000"),
        (("--limit", "1.5"), "1.5 is not a number from 1 to 1000"),
        (("--prefix", "summer/"), "summer/ does not begin like a URI"),
        (("--order", "random"), "random is not one of"),
        (("--state", "removed"), "removed is not one of"),
        (("--from", "yesterday"), "yesterday is no time: write 2026-11-21"),
        (("--until", "2026-02-30"), "2026-02-30 is no time"),
        (("--since", "1700000000"), "1700000000 looks like seconds: write milliseconds, 1700000000000"),
        (("--state", "labeled"), "did you mean labelled?"),
        (("--state", "skip"), "did you mean skipped?"),
        (("--format", "jason"), "did you mean json?"),
        (("--treshold", "0.5"), "there is no option --treshold"),
        (("--min-confidense", "0.5"), "there is no option --min-confidense: did you mean --min-confidence?"),
        (("--limt=5",), "there is no option --limt: did you mean --limit?"),
        (("-x\x1b[2J",), r"there is no option -x\x1b[2J"),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", *arguments]) == 2
    error = capsys.readouterr().err
    assert complaint in error.splitlines()[0]
    assert len(error.splitlines()) == 2


@pytest.mark.story
def test_the_command_finds_the_index_through_the_environment_in_a_process_of_its_own(database: Database) -> None:
    code = (
        "import sys; from imagelabels.cli.main import main; sys.exit(main(['search', 'seashore', '--format', 'json']))"
    )
    environment = {"PYTHONPATH": ":".join(sys.path), "IMAGELABELS_INDEX": f"sqlite:///{database.path}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["uri"] == "oss://album/dog-on-beach.jpg"


@pytest.mark.story
def test_asking_how_to_search_loads_neither_the_tables_library_nor_a_provider() -> None:
    code = "import sys; import imagelabels.cli.commands.search, imagelabels.views.printing; print(*sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert not {"rich", "sqlite3", "pydantic", "imagelabels.wiring"} & set(loaded.stdout.split())
