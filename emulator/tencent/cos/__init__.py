"""COS (Cloud Object Storage): objects, their tags, and the labels of pictures."""
