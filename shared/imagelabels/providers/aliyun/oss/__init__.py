"""This folder speaks to OSS: objects and their tags, and the detector and the small copies that OSS itself offers."""
