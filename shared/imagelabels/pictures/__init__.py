"""Reads format, size, orientation and time from a picture's first bytes, without decoding it."""
