"""What the project is about, in the standard library alone."""
