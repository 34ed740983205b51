"""Deployment: what puts the functions on an account. A function's package never holds this room."""
