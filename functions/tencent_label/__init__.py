"""This function runs on Tencent Cloud: it takes events of COS and labels the objects that they name."""
