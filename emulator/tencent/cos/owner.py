"""The account of the emulator in the forms in which COS shows the owner of buckets and objects."""

from __future__ import annotations

from emulator.objectstore import xml
from emulator.tencent.account import APPID, UIN

IDENTITY = f"qcs::cam::uin/{UIN}:uin/{UIN}"
OWNER = xml.element("Owner", xml.text("ID", IDENTITY), xml.text("DisplayName", IDENTITY))
LISTED_OWNER = xml.element("Owner", xml.text("ID", APPID), xml.text("DisplayName", APPID))
"""In listings of objects the owner is an APPID."""
LISTED_INITIATOR = xml.element("Initiator", xml.text("ID", APPID), xml.text("DisplayName", APPID))
"""Whoever began an upload in parts, in the listings of uploads and of parts."""
