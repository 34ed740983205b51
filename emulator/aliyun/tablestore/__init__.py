"""Tablestore: tables, rows, conditions, and search indexes."""
