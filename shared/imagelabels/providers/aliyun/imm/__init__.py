"""The detector of Intelligent Media Management (IMM)."""
