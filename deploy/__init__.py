"""What `template.yml` is checked with: the vendor's schema of its resources, and rules of our own."""
