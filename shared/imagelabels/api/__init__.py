"""The HTTP API: its routes, who may ask, and what serves it. No function that labels pictures loads any of this."""
