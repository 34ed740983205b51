"""The demo shows the main job on one machine: you give it photos and see their labels."""
