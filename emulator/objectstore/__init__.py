"""What the endpoints of object stores have in common, whatever the vendor."""
