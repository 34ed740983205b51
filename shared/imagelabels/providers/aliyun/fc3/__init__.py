"""This folder invokes functions of Function Compute 3.0."""
