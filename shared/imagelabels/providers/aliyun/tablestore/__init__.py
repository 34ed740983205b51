"""This folder keeps the ledger and the search in Tablestore."""
