"""Ledger and search in Tablestore."""
