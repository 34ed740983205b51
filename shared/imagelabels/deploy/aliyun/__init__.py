"""Deployment on Alibaba Cloud: the stack of template.yml, its archives, and what the stack cannot do."""
