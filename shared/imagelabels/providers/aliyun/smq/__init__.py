"""Simple Message Queue, which keeps the events whose last delivery failed."""
