"""The clouds' services on this machine, for unmodified clients; it shares no code with the package imagelabels."""

__version__ = "0.1.0"
"""The emulator comes in the wheel of imagelabels, and so has its version."""
