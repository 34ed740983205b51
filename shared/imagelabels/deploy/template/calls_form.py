"""This module knows the form that the arguments of a template's functions have.

https://www.alibabacloud.com/help/en/ros/user-guide/functions
"""

from __future__ import annotations

from typing import Any

FORMS = {
    "Ref": "Ref: NAME",
    "Fn::GetAtt": "Fn::GetAtt: [RESOURCE, ATTRIBUTE]",
    "Fn::Sub": "Fn::Sub: TEXT or Fn::Sub: [TEXT, {VARIABLE: VALUE}]",
    "Fn::Join": "Fn::Join: [SEPARATOR, [TEXT, TEXT]]",
    "Fn::If": "Fn::If: [CONDITION, VALUE, OTHER VALUE]",
    "Fn::Equals": "Fn::Equals: [VALUE, VALUE]",
    "Fn::Not": "Fn::Not: CONDITION or Fn::Not: [CONDITION]",
    "Fn::And": "Fn::And: [CONDITION, CONDITION]",
    "Fn::Or": "Fn::Or: [CONDITION, CONDITION]",
}


def fits(called: str, argument: Any) -> bool:
    """Return whether a function can be called with this argument."""
    if called == "Ref":
        return isinstance(argument, str)
    if called == "Fn::GetAtt":
        parts = argument if isinstance(argument, list) else argument.split(".", 1) if isinstance(argument, str) else []
        return len(parts) == 2 and all(isinstance(part, str) for part in parts)
    if called == "Fn::Sub":
        if isinstance(argument, list):
            return len(argument) == 2 and isinstance(argument[0], str) and isinstance(argument[1], dict)
        return isinstance(argument, str)
    if called == "Fn::Join":
        return _is_list(argument, 2) and isinstance(argument[0], str) and isinstance(argument[1], list)
    if called == "Fn::If":
        return _is_list(argument, 3) and isinstance(argument[0], str)
    if called == "Fn::Equals":
        return _is_list(argument, 2)
    conditions = argument if isinstance(argument, list) else [argument]
    least = 1 if called == "Fn::Not" else 2
    return len(conditions) >= least and all(isinstance(each, (str, dict, bool)) for each in conditions)


def _is_list(argument: Any, length: int) -> bool:
    return isinstance(argument, list) and len(argument) == length
