"""This function runs on Alibaba Cloud: it tells receivers which pictures have entered or left an album."""
