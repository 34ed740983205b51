"""Faults on demand: rules say which requests, functions and events go wrong, and how. It names no cloud."""
