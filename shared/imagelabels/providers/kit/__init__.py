"""What the clouds' adapters have in common. Only providers may enter."""
