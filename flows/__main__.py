"""Starts `flows.cli`, whose imports take a second in which Ctrl-C is a wish like any other."""

import os
import signal
import sys
from types import FrameType


def _stop(number: int, frame: FrameType | None) -> None:
    # An exception raised in the middle of an import may be swallowed or printed by what is
    # imported; nothing has begun yet that would have to be tidied up.
    os.write(sys.stderr.fileno(), b"Stopped before anything began.\n")
    os._exit(130)


def _run() -> int:
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # not so in the background of a shell
        signal.signal(signal.SIGINT, _stop)
    from flows.cli import main

    signal.signal(signal.SIGINT, before)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return code


if __name__ == "__main__":
    sys.exit(_run())
