"""Tokens of links and sessions: 256 random bits, of which only a hash is stored."""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """Return a new token."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token: it is random, so that no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def derived(token: str, purpose: str) -> str:
    """Return a second token that only who has the first can make."""
    return hmac.new(token.encode("utf-8", "surrogateescape"), purpose.encode(), hashlib.sha256).hexdigest()
