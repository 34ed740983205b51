"""This folder speaks to the detector of Intelligent Media Management (IMM)."""
