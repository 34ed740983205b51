"""The one account of the emulator at Alibaba Cloud, and the region of all that it has there."""

from __future__ import annotations

ACCOUNT = "1000000000000000"
REGION = "cn-hangzhou"
"""Signatures of version 4 name the region."""
