"""`python -m probatum`."""

import sys

from probatum.cli import main

if __name__ == "__main__":  # child processes import this module under another name
    sys.exit(main())
