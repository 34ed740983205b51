"""This module says in one sentence why a text is not YAML."""

from __future__ import annotations

import yaml


def yaml_fault(error: yaml.YAMLError) -> str:
    """Return what is wrong, with its line if the library names one. The library's own text repeats the line itself."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    if mark is None or not isinstance(error, yaml.MarkedYAMLError):
        return f"not YAML: {' '.join(str(error).split())}"
    since = f" {error.context}" if error.context else ""
    begun = f" that begins in line {error.context_mark.line + 1}" if error.context_mark and since else ""
    return f"line {mark.line + 1} is not YAML: {error.problem}{since}{begun}"
