"""The account at Alibaba Cloud that has everything in the emulator, its region, and the other account."""

from __future__ import annotations

ACCOUNT = "1000000000000000"
OTHER_ACCOUNT = "2000000000000000"
"""The other account, whose key the user of the emulator may set. Nothing here belongs to it."""
REGION = "cn-hangzhou"
"""Signatures of version 4 name the region."""
