"""Serverless Cloud Function on one machine: how it runs a function, and its COS trigger."""

NAMESPACE = "default"
VERSION = "$LATEST"
