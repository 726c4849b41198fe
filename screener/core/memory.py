"""A limit of memory for processes that read files from elsewhere."""

import contextlib


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
