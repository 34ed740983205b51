"""Deployment: what puts the functions on an account. A function's package never holds this room."""

MODULES = frozenset(
    {
        "alibabacloud_fc20230330",
        "alibabacloud_ros20190910",
        "cyclonedx",
        "elftools",
        "fc2",
        "packageurl",
        "tencentcloud",
        "yaml",
    }
)
"""The top-level modules that the extra `deploy` installs, besides those of the clouds' own extras."""
