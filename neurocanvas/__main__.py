"""``python -m neurocanvas`` is the command line."""

import sys

from neurocanvas.cli import main

if __name__ == "__main__":
    sys.exit(main())
