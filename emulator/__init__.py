"""The HTTP endpoints and function runtimes of the clouds on one machine. It shares no code with what it tests."""
