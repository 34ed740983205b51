"""Live channels as far as their settings go: they are made, listed, switched and removed.

Nothing can be streamed to one, so it is always idle and has no recordings. The address for streaming leads nowhere.
https://help.aliyun.com/en/oss/developer-reference/livechannel-related-operations.
"""

from __future__ import annotations

from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from emulator.core.refusal import Refusal
from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pages import limit_of
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.settings import written

SETTING = "live"
ROOT = "LiveChannelConfiguration"
STATUSES = ("enabled", "disabled")
DEFAULTS = {"FragDuration": "5", "FragCount": "3", "PlaylistName": "playlist.m3u8"}
LONGEST_DESCRIPTION = 128
LONGEST_PLAYLIST = range(6, 129)
RECORDED = frozenset({"startTime", "endTime"})
"""The parameters that name the time of recordings."""
MODIFIED = "LastModified"
"""Only a listing shows this element of what is kept."""


async def put(context: StoreContext, call: Call) -> Reply:
    """Make a channel, or switch one on or off if the request has the parameter status."""
    context.bucket(call)
    if "status" in call.query:
        return _switch(context, call)
    if "/" in call.key:
        raise invalid("ChannelName", call.key, "The name of a channel has no slash.")
    tree = await call.document(ROOT)
    _complete(tree)
    SubElement(tree, MODIFIED).text = times.iso(context.clock())
    context.store.settings.put(call.bucket, SETTING, call.key, written(tree))
    return document(xml.document("CreateLiveChannelResult", *_addresses(call, call.key, tree)))


async def get(context: StoreContext, call: Call) -> Reply:
    """Answer with the settings, with the state of the stream, or with the recordings, as the parameter comp says."""
    tree, comp = _channel(context, call), call.query.get("comp", "")
    if comp == "history":
        return document(xml.document("LiveChannelHistory"))
    if comp == "stat":
        status = "Disabled" if tree.findtext("Status") == "disabled" else "Idle"
        return document(xml.document("LiveChannelStat", xml.text("Status", status)))
    if comp:
        raise invalid("comp", comp, "comp must be stat or history.")
    _remove(tree, MODIFIED)
    return document(xml.HEAD + written(tree).encode())


async def delete(context: StoreContext, call: Call) -> Reply:
    _channel(context, call)
    context.store.settings.remove(call.bucket, SETTING, call.key)
    return Reply(204)


async def channels(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/listlivechannel."""
    context.bucket(call)
    query, limit = call.query, limit_of(call.query, "max-keys", 100, 1000)
    prefix, marker = query.get("prefix", ""), query.get("marker", "")
    rows = context.store.settings.named(call.bucket, SETTING, prefix, marker, limit + 1)
    shown, more = rows[:limit], len(rows) > limit
    head = [xml.text("Prefix", prefix), xml.text("Marker", marker), xml.text("MaxKeys", str(limit))]
    head += [xml.text("IsTruncated", str(more).lower())] + ([xml.text("NextMarker", shown[-1][0])] if more else [])
    return document(xml.document("ListLiveChannelResult", *head, *(_listed(call, *row) for row in shown)))


async def playlist(context: StoreContext, call: Call) -> Reply:
    """Refuse to make a playlist of recordings, of which there are none. Its channel is the key up to the last slash."""
    name = call.key.rpartition("/")[0] if call.method == "POST" else call.key
    if context.store.settings.get(call.bucket, SETTING, name) is None:
        raise Refusal("NoSuchLiveChannel")
    raise Refusal("InvalidArgument", "No media files of the channel are from this time.")


def _switch(context: StoreContext, call: Call) -> Reply:
    tree, status = _channel(context, call), call.query["status"]
    if status not in STATUSES:
        raise invalid("status", status, f"status must be one of {', '.join(STATUSES)}.")
    _remove(tree, "Status")
    SubElement(tree, "Status").text = status
    context.store.settings.put(call.bucket, SETTING, call.key, written(tree))
    return Reply(200)


def _channel(context: StoreContext, call: Call) -> Element:
    context.bucket(call)
    kept = context.store.settings.get(call.bucket, SETTING, call.key)
    if kept is None:
        raise Refusal("NoSuchLiveChannel")
    return xml.parse(kept.encode(), ROOT)


def _complete(tree: Element) -> None:
    """Check the settings of a channel, and add those that the request leaves out."""
    target = tree.find("Target")
    if target is None or target.findtext("Type") != "HLS":
        raise invalid("Type", "", "The Type of the Target must be HLS.")
    if len((tree.findtext("Description") or "").encode()) > LONGEST_DESCRIPTION:
        raise invalid("Description", "", f"A description has {LONGEST_DESCRIPTION} bytes at most.")
    if not tree.findtext("Status"):
        _remove(tree, "Status")
        SubElement(tree, "Status").text = STATUSES[0]
    if tree.findtext("Status") not in STATUSES:
        raise invalid("Status", tree.findtext("Status") or "", f"Status must be one of {', '.join(STATUSES)}.")
    for name, default in DEFAULTS.items():
        if not target.findtext(name):
            _remove(target, name)
            SubElement(target, name).text = default
    for name in ("FragDuration", "FragCount"):
        number = target.findtext(name) or ""
        if not number.isascii() or not number.isdigit() or not 1 <= int(number[:4]) <= 100:
            raise invalid(name, number, f"{name} must be 1 to 100.")
    playlist = target.findtext("PlaylistName") or ""
    if not playlist.endswith(".m3u8") or "/" in playlist or len(playlist) not in LONGEST_PLAYLIST:
        raise invalid(
            "PlaylistName", playlist, "A playlist's name has 6 to 128 characters, no slash, and ends in .m3u8."
        )


def _listed(call: Call, name: str, kept: str) -> str:
    tree = xml.parse(kept.encode(), ROOT)
    facts = [xml.text("Name", name)]
    facts += [xml.text(element, tree.findtext(element) or "") for element in ("Description", "Status", MODIFIED)]
    return xml.element("LiveChannel", *facts, *_addresses(call, name, tree))


def _addresses(call: Call, name: str, tree: Element) -> list[str]:
    playlist = quote(tree.findtext("Target/PlaylistName") or "")
    publish = xml.text("Url", f"rtmp://{call.host}/live/{quote(name)}")
    play = xml.text("Url", f"http://{call.host}/{quote(name)}/{playlist}")
    return [xml.element("PublishUrls", publish), xml.element("PlayUrls", play)]


def _remove(tree: Element, name: str) -> None:
    for child in tree.findall(name):
        tree.remove(child)
