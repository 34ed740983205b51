"""The main job on one machine: photos in, labels out."""
