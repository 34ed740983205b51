"""This folder invokes functions in services of Function Compute 2.0."""
