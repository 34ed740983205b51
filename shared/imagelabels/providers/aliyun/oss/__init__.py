"""Objects and their tags in OSS, and the detector and small copies that OSS itself offers."""
