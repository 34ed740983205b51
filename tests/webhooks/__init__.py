"""Sending messages to receivers that strangers run."""
