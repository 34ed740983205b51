"""`python -m imagelabels` does what the command `imagelabels` does."""

import sys

from imagelabels.cli.main import main

sys.exit(main())
