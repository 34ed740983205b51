"""Safeguards of feeds taken out one by one: readers see each picture once, as it is now, and only with their secret."""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

AUTH = "api/auth.py"
CACHING = "api/caching.py"
ITEMS = "feeds/items.py"
ROUTES = "routes/feeds.py"
USE = "usecases/feeds.py"
WRITTEN = "feeds/written.py"

FAULTS = [
    fault(
        "feed-guid",
        ITEMS,
        "test_a_picture_would_look_new_to_readers_because_it_was_labelled_again",
        ("guid=_guid(picture),", "guid=_guid(f'{picture} {title}'),"),
    ),
    fault(
        "feed-kept-by-date",
        WRITTEN,
        "test_a_reader_would_keep_a_feed_in_which_something_changed",
        ("feed.updated - timedelta(seconds=seconds)", "feed.updated - timedelta(seconds=seconds * 0)"),
    ),
    fault(
        "feed-kept-by-later-date",
        CACHING,
        "test_a_reader_that_sends_both_would_be_told_by_its_date_that_it_has_the_feed",
        (
            "        return matches(asked[",
            '        if asked.get("if-modified-since") == last_modified:\n            return True\n        return matches(asked[',
        ),
    ),
    fault(
        "feed-removed-stays",
        USE,
        "test_pages_would_lose_pictures_that_were_put_in_or_show_those_taken_out",
        (" for row in some.records if row.ref.uri not in by_hand]", " for row in some.records]"),
    ),
    fault(
        "feed-escaping-missing",
        ITEMS,
        "test_markup_in_a_key_or_a_label_would_become_markup_or_be_escaped_twice",
        ("<p>{escape(text)}</p>", "<p>{text}</p>"),
    ),
    fault(
        "feed-escaping-doubled",
        ITEMS,
        "test_markup_in_a_key_or_a_label_would_become_markup_or_be_escaped_twice",
        ("        title=title,", "        title=escape(title),"),
    ),
    fault(
        "feed-page-repeats",
        USE,
        "test_pages_would_lose_pictures_that_were_put_in_or_show_those_taken_out",
        ("place) > scopes.place_key(query, at)", "place) >= scopes.place_key(query, at)"),
    ),
    fault(
        "feed-page-omits",
        USE,
        "test_pages_would_lose_pictures_that_were_put_in_or_show_those_taken_out",
        ("following = shown[-1][0] if len(places) > ITEMS else end", "following = end"),
    ),
    fault(
        "feed-of-another-album",
        AUTH,
        "test_a_secret_would_open_the_feed_of_another_album",
        (" or not _is_its_own(token, feed.album)", ""),
    ),
    fault(
        "feed-thumbnail-of-others",
        ROUTES,
        "test_a_small_copy_would_be_shown_of_a_picture_that_is_not_in_the_album_now",
        (
            "if record is None or not use.holds(at.services.gallery, at.services.albums, there, record):",
            "if record is None:",
        ),
    ),
    fault(
        "feed-revoked",
        AUTH,
        "test_a_secret_that_was_revoked_a_second_ago_would_still_open_the_feed",
        ("if token is None or not token.lets_in(feed.secret, self._now())", "if token is None"),
    ),
]
