"""This function runs on Alibaba Cloud: it takes events of OSS and labels the objects that they name."""
