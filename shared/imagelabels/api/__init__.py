"""The HTTP API: its routes, who may ask, and what serves it. No function that labels pictures loads any of this."""

MODULES = frozenset({"feedgenerator", "jinja2", "standardwebhooks", "waitress"})
"""The top-level modules that the extra `album` installs."""
