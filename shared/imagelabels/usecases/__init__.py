"""What the project does, over ports: no vendor in sight."""
