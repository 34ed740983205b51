"""Tablestore on one machine: tables, rows under conditions, and search indexes."""
