"""The one account of the emulator at Tencent Cloud, and the region of all that it has there."""

from __future__ import annotations

REGION = "ap-guangzhou"
APPID = "1250000000"
"""The account as functions are told of it. A bucket may name any other APPID."""
UIN = "100000000001"
"""The number of the account, which is not its APPID."""
