"""What every emulated service uses: the server, the keys, the detector, requests and refusals. It names no cloud."""
