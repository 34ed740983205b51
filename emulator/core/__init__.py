"""This folder has what every service uses: server, keys, detector, requests and refusals. It names no cloud."""
