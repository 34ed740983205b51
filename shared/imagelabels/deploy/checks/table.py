"""This module lists all checks, for the page that explains them."""

from __future__ import annotations

from imagelabels.deploy.checks import account, events, failures, files, function, index, roles
from imagelabels.deploy.checks.finding import Check

GROUPS: tuple[tuple[str, tuple[Check, ...]], ...] = (
    ("The file", files.ALL),
    ("Events and triggers", events.ALL),
    ("The function", function.ALL),
    ("Permissions", roles.ALL),
    ("Failed events", failures.ALL),
    ("Index and log", index.ALL),
    ("The account", account.ALL),
)
