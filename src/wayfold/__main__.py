"""`python -m wayfold` is `wayfold`."""

import sys

from wayfold.cli import main

if __name__ == "__main__":
    sys.exit(main())
