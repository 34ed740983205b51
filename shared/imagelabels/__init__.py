"""Labels images the moment they land in an object store."""
