"""Labels images the moment they land in an object store."""

__version__ = "0.1.0"
