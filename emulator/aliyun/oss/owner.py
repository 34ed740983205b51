"""The account of the emulator in the form in which OSS shows the owner of buckets and objects."""

from __future__ import annotations

from emulator.aliyun.account import ACCOUNT
from emulator.objectstore import xml

OWNER = xml.element("Owner", xml.text("ID", ACCOUNT), xml.text("DisplayName", ACCOUNT))
