"""Builds the model files: `python -m imagelabels.providers.onnx.build [PATH]`."""

import sys

from imagelabels.providers.onnx.build.build import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
