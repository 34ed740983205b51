"""This folder holds what the clouds' adapters have in common. Only providers may enter."""
