"""Safeguards of the API taken out one by one: tokens, the cursor of changes, and texts of strangers."""

from tests.planted import fault

AUTH = "api/auth.py"
TOKENS = "domain/tokens.py"
SCOPES = "usecases/scopes.py"
SQLITE = "sqlite/changes.py"
TABLESTORE = "tablestore/changes.py"
SPREADSHEETS = "views/spreadsheets.py"
EXPORTS = "views/exports.py"

FAULTS = [
    fault(
        "token-revoked",
        TOKENS,
        "test_a_token_that_was_revoked_just_now_lets_nobody_in",
        (" and self.revoked_at is None", ""),
    ),
    fault(
        "token-expired",
        TOKENS,
        "test_a_token_that_expired_lets_nobody_in",
        ("now < self.expires_at", "now <= self.expires_at"),
    ),
    fault(
        "token-of-feed",
        AUTH,
        "test_the_secret_of_a_feed_opens_nothing_else",
        (" or token.album is not None", ""),
    ),
    fault(
        "token-writes",
        AUTH,
        "test_a_token_that_may_only_read_changes_nothing",
        ('"write" in token.scopes', '"read" in token.scopes'),
    ),
    fault(
        "token-prefixes",
        AUTH,
        "test_a_token_shows_only_what_lies_below_its_prefixes",
        ('token.prefixes, "write"', '("",), "write"'),
    ),
    fault(
        "token-bucket-beside",
        SCOPES,
        "test_a_prefix_of_a_question_widens_nothing",
        ('    return f"{bucket}/{key}"\n', "    return prefix\n"),
    ),
    fault(
        "token-limit-for-all",
        "api/app.py",
        "test_the_limit_is_that_of_the_token_and_not_of_all",
        ("self._limit.wait(caller.id,", 'self._limit.wait("all",'),
    ),
    fault(
        "cursor-page",
        SQLITE,
        "test_no_change_is_missed_across_pages_whatever_their_size",
        ("str(told[-1][0] if told else start)", "str(last)"),
    ),
    fault(
        "cursor-removed",
        SQLITE,
        "test_a_reader_that_would_miss_removed_changes_is_refused_and_a_new_one_is_not",
        ("            if start < oldest:\n                raise CursorTooOld\n", ""),
    ),
    fault(
        "cursor-youngest",
        TABLESTORE,
        "test_a_change_that_was_held_back_is_told_later_and_not_before",
        ("HELD_BACK = 10_000", "HELD_BACK = 0"),
    ),
    fault(
        "cursor-skips-what-is-held-back",
        TABLESTORE,
        "test_a_change_that_was_held_back_is_told_later_and_not_before",
        ("all_told = _Cursor(start.until, start.until)", "all_told = _Cursor(now, now)"),
    ),
    fault(
        "cursor-late",
        TABLESTORE,
        "test_a_row_that_is_written_long_after_its_delivery_looked_at_the_clock_is_not_missed",
        ("LATE = 35 * 60_000", "LATE = 0"),
    ),
    fault(
        "cursor-expired",
        TABLESTORE,
        "test_a_reader_that_comes_back_after_lines_have_expired_is_refused",
        ("        if start.told < now - FORGOTTEN:\n            raise CursorTooOld\n", ""),
    ),
    fault(
        "escaping-formula",
        SPREADSHEETS,
        "test_no_cell_of_a_csv_is_taken_for_a_formula",
        ('return _FORMULA.sub("\'", text)', "return text"),
    ),
    fault(
        "escaping-formula-behind-spaces",
        SPREADSHEETS,
        "test_every_beginning_of_a_formula_is_defused",
        ("^(?={_BLANK}*[", "^(?=["),
    ),
    fault(
        "escaping-formula-behind-semicolon",
        SPREADSHEETS,
        "test_a_spreadsheet_that_parts_cells_at_semicolons_would_run_a_strangers_formula",
        ("(?<=[;", "(?<=["),
    ),
    fault(
        "escaping-csv",
        EXPORTS,
        "test_a_cell_with_line_ends_and_quotes_stays_one_cell",
        ("csv.writer(text)", "csv.writer(text, quoting=csv.QUOTE_NONE, escapechar='\\\\')"),
    ),
    fault(
        "escaping-json",
        "api/resolver.py",
        "test_a_key_that_is_no_valid_text_is_answered_all_the_same",
        ('separators=(",", ":"))', 'separators=(",", ":"), ensure_ascii=False)'),
    ),
    fault(
        "escaping-sniffed",
        "api/app.py",
        "test_every_answer_forbids_browsers_to_take_it_for_a_page",
        ('    "X-Content-Type-Options": "nosniff",\n', ""),
    ),
    fault(
        "escaping-title",
        "cli/albums.py",
        "test_a_title_or_a_key_of_a_stranger_would_make_the_terminal_obey",
        ('"\\t".join((album.id, escaped(album.title), asked))', '"\\t".join((album.id, album.title, asked))'),
    ),
    fault(
        "escaping-page-token",
        "views/rows.py",
        "test_the_token_of_the_next_page_would_make_the_terminal_obey",
        ("shlex.quote(escaped(page.next))", "page.next"),
    ),
    fault(
        "escaping-csv-on-a-terminal",
        "commands/export.py",
        "test_a_key_of_a_stranger_in_a_csv_would_make_the_terminal_obey",
        ("map(escaped, octets.decode().splitlines())", "octets.decode().splitlines()"),
    ),
]
