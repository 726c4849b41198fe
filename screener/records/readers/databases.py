"""Names of databases, as vendors write them."""

import re

# EBSCOhost's short names, and how vendors call one database. What is not here goes by its own name in small letters.
_SHORT = {
    **dict.fromkeys(("psyh", "psycinfo", "apa psycinfo"), "psycinfo"), **dict.fromkeys(("pdh", "psycarticles"), "psycarticles"),
    **dict.fromkeys(("rzh", "c8h", "ccm", "cin20", "jlh"), "cinahl"), **dict.fromkeys(("cmedm", "mdc", "mnh", "nlm"), "medline"),
    **dict.fromkeys(("ecn", "eoh"), "econlit"), **dict.fromkeys(("sih", "snh"), "socindex"), "s3h": "sportdiscus",
    **dict.fromkeys(("a9h", "aph"), "academic search"), **dict.fromkeys(("bth", "buh"), "business source"),
}  # fmt: skip
_WORDS = ("pubmed", "medline", "embase", "psycinfo", "psycarticles", "cinahl", "scopus", "web of science", "cochrane", "eric",
          "econlit", "socindex", "sportdiscus", "lilacs", "global health", "cab abstracts")  # fmt: skip


def database_key(name: str) -> str:
    """Return one name for a database, however a vendor or provider writes it: `psyh` and `APA PsycInfo` are `psycinfo`."""
    small = " ".join(name.casefold().split())
    if small in _SHORT:
        return _SHORT[small]
    return next((word for word in _WORDS if re.search(rf"\b{word}", small)), small)
