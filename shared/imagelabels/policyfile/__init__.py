"""This package reads the policy file, which has rules in TOML. docs/policy.md describes it.

The file is checked as a whole, and messages name the line and the rule of each mistake.
"""

from imagelabels.policyfile.file import load

__all__ = ["load"]
