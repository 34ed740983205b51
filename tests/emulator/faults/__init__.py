"""Tests of faults on demand, each over the SDK or the function that meets it."""
