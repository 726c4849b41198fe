"""Names of databases, and the accession numbers that they give."""

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
# Numbers so particular that no other database has them.
_FORMS = (
    ("central", re.compile(r"CN-\d{8}")),
    ("scopus", re.compile(r"2-s2\.0-\d{8,}")),
    ("embase", re.compile(r"L\d{8,11}")),
    ("eric", re.compile(r"E[DJ]\d{6,7}")),
    ("psycinfo", re.compile(r"\d{4}-\d{5}-\d{3}")),
)


def database_key(name: str) -> str:
    """Return one name for a database, however a vendor or provider writes it: `psyh` and `APA PsycInfo` are `psycinfo`."""
    small = " ".join(name.casefold().split())
    if small in _SHORT:
        return _SHORT[small]
    return next((word for word in _WORDS if re.search(rf"\b{word}", small)), small)


def accession_number(number: str, database: str) -> str:
    """Return an accession number as `database:number`; empty where no database is known, or it is no such number.

    Numbers of PubMed are PMIDs and those of Web of Science have a field of their own: neither is one here.
    """
    if not re.fullmatch(r"(?=\S*\d)\S{4,40}", number) or re.match(r"(?i)wos:|10\.\d{4,9}/", number):
        return ""
    name = next((name for name, form in _FORMS if form.fullmatch(number)), "") or database_key(database)
    if name == "embase":
        return f"embase:L{number.upper().lstrip('L')}" if re.fullmatch(r"L?\d{7,11}", number.upper()) else ""
    return "" if name in ("", "pubmed", "medline", "web of science") else f"{name}:{number}"
