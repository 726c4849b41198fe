"""Accession numbers: which database one is of, by its column or its form."""

import re

from ..normalise import clean
from .columns import plain_name
from .databases import database_key

# By the column that has it.
_COLUMNS = {
    "eid": "scopus", "lensid": "lens", "publicationid": "dimensions", "embaseaccessionid": "embase", "pui": "embase",
    "embaseid": "embase", "openalexid": "openalex", "ids.openalex": "openalex", "openalex": "openalex", "storeid": "proquest", "ericnumber": "eric", "cochraneid": "central", "centralid": "central",
}  # fmt: skip
# By its form. Each is so particular that no other database has it.
_FORMS = (
    ("scopus", re.compile(r"2-s2\.0-\d{8,}")),
    ("central", re.compile(r"CN-\d{8}")),
    ("dimensions", re.compile(r"pub\.\d{9,}")),
    ("embase", re.compile(r"L\d{8,11}")),
    ("eric", re.compile(r"E[DJ]\d{6,7}")),
    ("psycinfo", re.compile(r"\d{4}-\d{5}-\d{3}")),
    ("lens", re.compile(r"\d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX]")),
)
LONGEST = 100
"""Characters of a number with its database's name."""
_NAMED = re.compile(r"(?!https?:|doi:)[a-z][a-z .&-]*:[^/\s]\S*")
_OPENALEX = re.compile(r"(?:https?://openalex\.org/)?(W\d{4,})", re.IGNORECASE)


def accession(text: object, column: str = "", database: str = "") -> str | None:
    """Return a number with its database, `scopus:2-s2.0-85123456789`, or None where the database is not known.

    A Web of Science number is returned as it is, with its own prefix. `database` is what the row or the user names.
    """
    number = clean(text)
    if _NAMED.fullmatch(number) and len(number) <= LONGEST:
        return number  # it names its database
    if not number or len(number) > 60 or " " in number:
        return None
    if re.fullmatch(r"WOS:\w{15}|[a-z][a-z .&-]*:[^/].*", number, re.IGNORECASE):
        return number  # it names its database
    if work := _OPENALEX.fullmatch(number):
        return f"openalex:{work[1].upper()}"
    name = next((name for name, form in _FORMS if form.fullmatch(number)), "") or _COLUMNS.get(plain_name(column), "")
    name = name or database_key(database)
    if name == "embase" and re.fullmatch(r"\d{7,11}", number):  # Ovid writes it without the letter
        number = f"L{number}"
    return f"{name}:{number}" if name else None


def by_form(number: str) -> str:
    """Return a number whose form tells its database, with its name; empty for any other."""
    return next((f"{name}:{number}" for name, form in _FORMS if form.fullmatch(number)), "")


def accession_number(number: str, database: str) -> str:
    """Return a number of a field that has accession numbers of one database, with its name; empty where it is none.

    Numbers of PubMed are PMIDs and those of Web of Science have a field of their own: neither is one here.
    """
    if re.match(r"(?i)(?:wos|https?|doi):|10\.\d{4,9}/", number):
        return ""
    if _NAMED.fullmatch(number) and len(number) <= LONGEST:
        return number
    if not re.fullmatch(r"(?=\S*\d)\S{4,40}", number):
        return ""
    found = accession(number, database=database) or ""
    return "" if found.startswith(("pubmed:", "medline:", "web of science:")) else found
