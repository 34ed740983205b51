"""The emulated object stores beside moto's S3, which nobody here wrote, over the same random steps."""
