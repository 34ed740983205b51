"""What a picture's first bytes say without decoding it: format, size, orientation, time."""
