"""These checks ask whether the function and its triggers may do what they do, and nothing else."""

from __future__ import annotations

from imagelabels.deploy.checks.finding import error, warning

ROLE_MISSING = error(
    "role-missing",
    "The function or a trigger has a role that the file does not make.",
    "What the role allows is not known here. If it does not exist or lacks a permission, no picture is labelled.",
    "Use the role that the file makes, or give it one with the permissions of the file that we ship.",
)
ROLE_NOT_TRUSTED = error(
    "role-not-trusted",
    "A role does not trust the service that uses it.",
    "The service cannot use the role, and no picture is labelled.",
    "Name the service in the role's trust document.",
)
PERMISSION_MISSING = error(
    "permission-missing",
    "The role does not allow a call that the function or the trigger makes.",
    "The call is refused, and pictures stay without labels.",
    "Allow the action on this resource in a policy of the role.",
)
PERMISSION_TOO_WIDE = warning(
    "permission-too-wide",
    "A policy allows every action of a service, or reaches what belongs to others.",
    "Whoever takes over the function can do more than label pictures.",
    "Name the actions, and the account and the resource that they are for.",
)
PERMISSION_UNUSED = warning(
    "permission-unused",
    "A policy allows an action that is never called.",
    "Whoever takes over the function can do more than label pictures.",
    "Take the action out of the policy.",
)

ALL = (ROLE_MISSING, ROLE_NOT_TRUSTED, PERMISSION_MISSING, PERMISSION_TOO_WIDE, PERMISSION_UNUSED)
