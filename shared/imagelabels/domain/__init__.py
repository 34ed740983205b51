"""The decisions of the project, as pure functions on values. They use only the standard library."""
