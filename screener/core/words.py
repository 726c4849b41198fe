"""Words that depend on a number."""


def counted(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun: `1 record`, `3 records`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
