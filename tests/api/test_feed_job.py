"""A feed as its users meet it: made by the command, read from a server, and revoked while the server runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels import wiring_commands
from imagelabels.domain.albums import Album, Question
from tests.api.feeding import parsed
from tests.api.serving import command, filled, get, served


@pytest.mark.story
def test_a_reader_would_not_get_the_feed_that_was_shared_or_still_get_the_one_that_was_revoked(tmp_path: Path) -> None:
    url = filled(tmp_path / "photos.db", 4)
    wiring_commands.albums(url).put(Album("dogs", "Dogs", Question(label=("dog",))))
    with served(url, "--site", "https://photos.example") as (_, port):
        rss, _, _ = command("feed", "create", "dogs", "--site", "https://photos.example", "--index", url).split()
        target = rss.removeprefix("https://photos.example")
        answer = get(port, target)
        etag = next(value for name, value in answer.headers.items() if name.lower() == "etag")
        feed = parsed(answer)
        assert [entry.title for entry in feed.entries] == ["Dogs (001.jpg)", "Dogs (003.jpg)"]
        assert [link.href for link in feed.feed.links if link.rel == "self"] == [rss]
        assert get(port, target, {"If-None-Match": etag}).status == 304
        assert get(port, target, method="HEAD").body == ""
        feed_id = command("feed", "list", "--index", url).split()[0]
        command("feed", "revoke", feed_id, "--index", url)
        assert get(port, target, {"If-None-Match": etag}).status == 404
