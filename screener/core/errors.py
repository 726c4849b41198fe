"""The exceptions that a user is meant to read."""

from collections.abc import Iterable


class BadInput(Exception):  # noqa: N818 - it names what the user gave, not a fault of ours
    """Something the user gave cannot be used. The message is one line, or one for each mistake: what, where, what to do.

    The command line prints it on stderr and exits with 2.
    """

    parts: "tuple[BadInput, ...]" = ()
    """The mistakes that it tells of together; none where it tells of one."""


class MissingKey(BadInput):
    """A key that a model wants is not in the environment variable of that name."""

    def __init__(self, message: str, variable: str) -> None:
        """`variable` is the name of the one that has to hold it."""
        super().__init__(message)
        self.variable = variable


class WorkerEnded(Exception):  # noqa: N818 - what happened to something
    """The worker process or machine that had a task ended before it was done."""


def together(mistakes: Iterable[BadInput]) -> BadInput:
    """Return several mistakes as one error: a line each, none twice."""
    listed = tuple(mistakes)
    error = BadInput("\n".join(dict.fromkeys(str(mistake) for mistake in listed)))
    error.parts = tuple(part for mistake in listed for part in mistake.parts or (mistake,))
    return error


class LedgerError(Exception):
    """The ledger's database failed. The message begins with the kind of failure and goes on with what the database says.

    `plain` is a sentence for people who are not to know where the ledger is, nor what its database says.
    """

    def __init__(self, message: str, *, plain: str = "The database failed.") -> None:
        """Both say what happened."""
        super().__init__(message)
        self.plain = plain


class LedgerUnavailable(LedgerError):  # noqa: N818 - a state of the database, not of the program
    """The ledger cannot be used now: it is away, locked, full, damaged or read-only.

    The message is one line: which ledger, what, what to do. `passing` says whether it may work again by itself, and
    `patience` for how many seconds that is worth waiting for.
    """

    def __init__(self, message: str, *, patience: float = 0.0, plain: str = "The database cannot be used now.") -> None:
        """A `patience` of 0 is for what no waiting mends."""
        super().__init__(message, plain=plain)
        self.patience = patience

    @property
    def passing(self) -> bool:
        """Return whether waiting may help."""
        return self.patience > 0
