"""Names of people, written one way."""

import unicodedata

LONGEST_NAME = 80
"""How many characters a name may have."""


def tidy_name(written: str) -> str:
    """Return a name without blanks around it and without what cannot be seen: with that it could look like another one."""
    spelled = unicodedata.normalize("NFKC", written)
    return " ".join(
        "".join(
            character for character in spelled if character.isspace() or unicodedata.category(character)[0] != "C"
        ).split()
    )
