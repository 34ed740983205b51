"""What serves every emulated service: the server, its keys and its control endpoint."""
