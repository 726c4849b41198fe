"""The exceptions that a user is meant to read."""


class BadInput(Exception):  # noqa: N818 - it names what the user gave, not a fault of ours
    """Something the user gave cannot be used. The message is one line: what, where, what to do.

    The command line prints it on stderr and exits with 2.
    """


class LedgerError(Exception):
    """The ledger's database failed. The message begins with the kind of failure and goes on with what the database says."""
