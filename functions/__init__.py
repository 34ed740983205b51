"""Each folder here is one deployed code package with one thin entry point."""
