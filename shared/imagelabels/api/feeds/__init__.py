"""Writes feeds of albums in the formats that feed readers know."""
