"""`python -m datalab_helpers` is the command `datalab`."""

from .cli import main

main()
