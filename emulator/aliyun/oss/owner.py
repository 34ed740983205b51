"""The one account of the emulator."""

from __future__ import annotations

from emulator.objectstore import xml

ACCOUNT = "1000000000000000"
OWNER = xml.element("Owner", xml.text("ID", ACCOUNT), xml.text("DisplayName", ACCOUNT))
