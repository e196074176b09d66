"""``python -m cnictl``."""

from cnictl.cli.entry import main

main()
