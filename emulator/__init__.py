"""The clouds' HTTP endpoints and function runtimes on one machine. Shares no code with what it tests."""
