"""The one account of the emulator, as COS shows owners."""

from __future__ import annotations

from emulator.objectstore import xml
from emulator.tencent.cos import APPID

UIN = "100000000001"
"""The account's number, which is another than its APPID."""
IDENTITY = f"qcs::cam::uin/{UIN}:uin/{UIN}"
OWNER = xml.element("Owner", xml.text("ID", IDENTITY), xml.text("DisplayName", IDENTITY))
LISTED_OWNER = xml.element("Owner", xml.text("ID", APPID), xml.text("DisplayName", APPID))
"""In lists of objects the owner is an APPID."""
