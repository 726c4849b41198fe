"""Passwords: how they are stored, and which are refused.

Argon2id with the second recommended option of RFC 9106, section 4 (64 MiB, three passes, four lanes), which the package
`argon2-cffi` calls `RFC_9106_LOW_MEMORY`; it is above the minimum of OWASP's Password Storage Cheat Sheet (19 MiB, two
passes). At least 15 characters, since there is no second factor (NIST SP 800-63B-4, 3.1.1.2; OWASP's Authentication Cheat
Sheet), any characters, no rule of which kinds, and nothing that guessing begins with.
"""

import threading
import unicodedata
from functools import cached_property

import argon2

from ..core.errors import BadInput

SHORTEST, LONGEST = 15, 256
"""How many characters a password has. A longer one is refused, not cut: to hash it could take the server's time."""
_GUESSES = 10**8
"""A password that zxcvbn expects to be guessed with fewer attempts is refused; that is what it calls somewhat guessable."""
_WEIGHED = 40
"""So many characters are weighed: that takes time which grows with the square of their number."""


class Passwords:
    """Makes and checks hashes of passwords, two at a time: each takes 64 MiB for a moment."""

    def __init__(self, hasher: argon2.PasswordHasher | None = None) -> None:
        """Use the parameters above, unless a hasher is given."""
        self._hasher = hasher or argon2.PasswordHasher.from_parameters(argon2.profiles.RFC_9106_LOW_MEMORY)
        self._turn = threading.BoundedSemaphore(2)

    def hash(self, password: str) -> str:
        """Return the hash of a password, with its salt and parameters."""
        with self._turn:
            return self._hasher.hash(_normal(password))

    def matches(self, stored: str, password: str) -> bool:
        """Return whether a password is the one of a stored hash.

        Where there is none (no such account, or one without a password) it takes as long, and is no.
        """
        if len(password) > 4 * LONGEST or len(normal := _normal(password)) > LONGEST:
            return False
        with self._turn:
            nobody = self._nobody  # made before the first answer, whomever it is about
            try:
                return self._hasher.verify(stored or nobody, normal) and bool(stored)
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return False

    def is_outdated(self, stored: str) -> bool:
        """Return whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")


def check_password(password: str, *words: str) -> None:
    """Raise `BadInput` for a password that is too short, too long or easily guessed; `words` are those of the person."""
    normal = _normal(password[: 4 * LONGEST])
    if len(normal) < SHORTEST:
        raise BadInput(
            f"a password has at least {SHORTEST} characters; four or five words that have nothing in common do well"
        )
    if len(normal) > LONGEST:
        raise BadInput(f"a password has at most {LONGEST} characters")
    from zxcvbn import zxcvbn  # half a second of word lists, for who sets a password

    if zxcvbn(normal[:_WEIGHED], user_inputs=["screener", "review", *words])["guesses"] < _GUESSES:
        raise BadInput("this password is easily guessed; take four or five words that have nothing in common")


def _normal(password: str) -> str:
    """Return a password as every keyboard's would be written: NFKC, as NIST SP 800-63B-4, 3.1.1.2 asks for."""
    return unicodedata.normalize("NFKC", password)
