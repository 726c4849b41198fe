"""The operating system's locks on files, which end with the process however it ends."""

from typing import IO

try:
    import fcntl
except ImportError:  # a system without it (Windows) has no such lock
    fcntl = None  # type: ignore[assignment]


def lock_file(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed; return False where another program has locked it.

    True on a system that has no such locks.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
