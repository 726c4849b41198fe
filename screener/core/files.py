"""Files that are written whole or not at all."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import BadInput

FULL = (errno.ENOSPC, errno.EDQUOT)
"""The numbers of the errors that say that there is no room."""


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield where to write what then takes the place of `target`; nothing of it is left where that fails.

    `BadInput` with the file and the reason.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        yield partial
        partial.replace(target)
    except OSError as error:
        raise BadInput(f"{target}: cannot be written: {reason_of(error)}") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def reason_of(error: OSError) -> str:
    """Return what the system says, and what to do about a full disk."""
    reason = error.strerror or str(error)
    return f"{reason}; make room, then run the command again" if error.errno in FULL else reason
