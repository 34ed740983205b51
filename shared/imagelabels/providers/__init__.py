"""One cloud, one folder; the same file names in every twin."""
