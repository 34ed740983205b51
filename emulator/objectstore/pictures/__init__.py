"""Image processing: pictures are decoded, changed and encoded, and described. The vendors' dialects only parse."""
