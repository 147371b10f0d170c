"""`python -m sportello`, and the console script `sportello-py`."""

import sys

from ._table.command import main

if __name__ == "__main__":
    sys.exit(main())
