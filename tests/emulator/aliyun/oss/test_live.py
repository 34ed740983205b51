"""Live channels, of which there are settings alone."""

from __future__ import annotations

from typing import Any

import pytest
from oss2.models import LiveChannelInfo, LiveChannelInfoTarget

from tests.emulator.running import Running, refused


def channel(description: str = "", **target: Any) -> LiveChannelInfo:
    return LiveChannelInfo(description=description, target=LiveChannelInfoTarget(**target))


def test_a_channel_is_made_with_its_addresses_and_read_back(oss: Running, bucket: Any) -> None:
    made = bucket.create_live_channel("news", channel("daily", playlist_name="day.m3u8"))
    assert made.play_url == f"http://photos.{oss.address}/news/day.m3u8"
    assert made.publish_url == f"rtmp://photos.{oss.address}/live/news"
    kept = bucket.get_live_channel("news")
    assert (kept.description, kept.status, kept.target.playlist_name) == ("daily", "enabled", "day.m3u8")
    assert bucket.get_bucket_stat().live_channel_count == 1


def test_a_channel_is_idle_and_without_recordings_because_nothing_can_be_streamed_to_it(bucket: Any) -> None:
    bucket.create_live_channel("news", channel())
    assert bucket.get_live_channel_stat("news").status == "Idle"
    assert bucket.get_live_channel_history("news").records == []
    assert refused(bucket.post_vod_playlist, "news", "day.m3u8", 1, 2).code == "InvalidArgument"
    assert refused(bucket.get_vod_playlist, "news", 1, 2).code == "InvalidArgument"


def test_a_channel_is_switched_off_and_on(bucket: Any) -> None:
    bucket.create_live_channel("news", channel())
    bucket.put_live_channel_status("news", "disabled")
    assert bucket.get_live_channel("news").status == "disabled"
    assert bucket.get_live_channel_stat("news").status == "Disabled"
    bucket.put_live_channel_status("news", "enabled")
    assert bucket.get_live_channel("news").status == "enabled"
    assert refused(bucket.put_live_channel_status, "news", "broken").code == "InvalidArgument"


def test_channels_are_listed_by_prefix_and_in_pages(bucket: Any) -> None:
    for name in ("a-1", "b-1", "b-2", "b-3"):
        bucket.create_live_channel(name, channel())
    first = bucket.list_live_channel("b-", max_keys=2)
    assert [found.name for found in first.channels] == ["b-1", "b-2"]
    assert (first.is_truncated, first.next_marker) == (True, "b-2")
    rest = bucket.list_live_channel("b-", first.next_marker)
    assert ([found.name for found in rest.channels], rest.is_truncated) == (["b-3"], False)


def test_a_channel_that_is_not_there_is_named_so_by_every_operation(bucket: Any) -> None:
    bucket.create_live_channel("news", channel())
    bucket.delete_live_channel("news")
    for ask in (bucket.get_live_channel, bucket.get_live_channel_stat, bucket.delete_live_channel):
        assert refused(ask, "news").code == "NoSuchLiveChannel"
    assert refused(bucket.put_live_channel_status, "news", "enabled").code == "NoSuchLiveChannel"
    assert refused(bucket.get_vod_playlist, "news", 1, 2).code == "NoSuchLiveChannel"


@pytest.mark.parametrize(
    "target",
    [
        {"type": "FLV"},
        {"frag_count": 0},
        {"frag_duration": 101},
        {"playlist_name": "a.txt"},
        {"playlist_name": "a/b.m3u8"},
    ],
)
def test_settings_that_the_vendor_does_not_take_are_refused(bucket: Any, target: dict[str, Any]) -> None:
    assert refused(bucket.create_live_channel, "news", channel(**target)).code == "InvalidArgument"
    assert bucket.list_live_channel().channels == []
