"""Sends messages to receivers that strangers run, and opens what the work for webhooks needs."""
