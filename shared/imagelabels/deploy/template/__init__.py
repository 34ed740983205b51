"""This package checks `template.yml` against the vendor's schema of its resources, and against rules of our own."""
