"""Objects and their tags in COS."""
