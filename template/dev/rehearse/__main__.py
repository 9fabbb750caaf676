"""`python -m dev.rehearse`: runs the tests of the last release on the new schema."""

import signal
import sys

from dev.interruption import interrupt_once

if __name__ == "__main__":
    interrupt_once()
    try:
        # Ctrl-C may interrupt the imports, too.
        from dev.rehearse.command_line import main

        main()
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing was left behind.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
