"""The detector of Cloud Infinite (CI)."""
