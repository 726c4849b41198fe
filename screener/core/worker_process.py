"""What a process sees to that reads files from elsewhere: how much memory it takes, and that only its answers are printed."""

import contextlib
import os
import sys
from typing import IO


def answers_only() -> IO[str]:
    """Return the standard output for the answers; whatever else a library prints there or as an error goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    return answers


def limit_memory(megabytes: int) -> None:
    """Make allocations beyond `megabytes` of address space fail, where the system can; 0 sets no limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit: the deadline alone protects
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if megabytes:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
