"""The Alibaba Cloud function: OSS events in, labels out."""
