"""This folder speaks to COS: objects and their tags."""
