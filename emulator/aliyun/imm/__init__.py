"""Intelligent Media Management on one machine: the labels of pictures in OSS."""
