"""`python -m gangmu` is the command line."""

from gangmu.cli import main

main()
