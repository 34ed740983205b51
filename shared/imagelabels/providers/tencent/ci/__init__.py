"""This folder speaks to the detector of Cloud Infinite (CI)."""
