"""This function runs on Alibaba Cloud: it answers questions about the labelled pictures over HTTP."""
