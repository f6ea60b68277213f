"""`python -m freehold.cli` is the command `freehold`."""

from freehold.cli.entry import main

if __name__ == "__main__":
    main()
