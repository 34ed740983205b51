"""One folder, one deployed code package, one thin entry point."""
