"""Compiles the model file of the embedded detector; no function loads any of this."""
