"""This function runs on Tencent Cloud: it answers questions about the labelled pictures over HTTP."""
