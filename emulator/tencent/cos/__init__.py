"""COS on one machine: objects, their tags, and the labels of pictures."""

REGION = "ap-guangzhou"
"""Where all buckets and functions are said to stand."""
APPID = "1250000000"
"""The one account of the emulator, as functions are told; a bucket may name any other."""
