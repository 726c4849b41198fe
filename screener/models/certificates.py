"""Who is trusted to be the server one asks for."""

import ssl
from functools import cache

import httpx2


@cache
def trusted() -> ssl.SSLContext:
    """Return the certificates that HTTP clients go by unless told otherwise; read once, not for each client."""
    return httpx2.create_ssl_context()
