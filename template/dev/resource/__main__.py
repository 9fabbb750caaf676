"""`python -m dev.resource`: runs the command, and ends at Ctrl-C without a traceback."""

import signal
import sys

from dev.interruption import interrupt_once

if __name__ == "__main__":
    interrupt_once()
    try:
        # Ctrl-C may interrupt the imports, too.
        from dev.resource.command_line import run

        run(sys.argv[1:])
    except KeyboardInterrupt as interruption:
        print("\nInterrupted.", *interruption.args or ["Nothing was written."], file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
