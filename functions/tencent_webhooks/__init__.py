"""This function runs on Tencent Cloud: it tells receivers which pictures have entered or left an album."""
