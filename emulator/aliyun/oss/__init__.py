"""OSS as its own SDK sees it."""
