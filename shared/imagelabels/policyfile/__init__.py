"""The policy file: rules in TOML, validated as a whole and refused with line and rule. docs/policy.md is its page."""

from imagelabels.policyfile.file import load

__all__ = ["load"]
