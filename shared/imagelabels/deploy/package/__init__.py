"""Packages: the archives of code and layer that a cloud runs, with the same bytes wherever they are made."""
