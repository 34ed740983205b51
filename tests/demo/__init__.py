"""These are the tests of the demo."""
