"""This package looks at a live account: bucket, objects, tags, index, detector, function and triggers."""
