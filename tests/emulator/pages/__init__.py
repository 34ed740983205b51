"""Makes the tables of the pages in docs/emulator/ from the emulator's own tables of operations."""
