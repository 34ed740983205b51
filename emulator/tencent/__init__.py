"""The services of Tencent Cloud."""
