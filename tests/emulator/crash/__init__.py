"""Kills the emulator with SIGKILL amid writes, and looks whether every acknowledged write is there afterwards."""
