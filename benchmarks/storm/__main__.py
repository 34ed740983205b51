"""`python -m benchmarks.storm` is `python -m benchmarks storm`."""

import sys

from benchmarks.storm.command import main
from imagelabels.views.pipes import piped

if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
