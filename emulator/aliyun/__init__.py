"""The services of Alibaba Cloud."""
