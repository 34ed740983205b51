"""Serverless Cloud Function: how it runs a function, and its COS trigger."""

NAMESPACE = "default"
VERSION = "$LATEST"
