"""`python -m provision VERB …`: hands over to the command line."""

import sys

from provision.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
