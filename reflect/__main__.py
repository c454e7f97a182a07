"""`python -m reflect`, and the installed command `reflect`."""

import sys

from reflect.cli.root import main

if __name__ == "__main__":
    sys.exit(main())
