"""What our own exports show for a record without a title, `[no title] pmid:123`, read back as the identifier that it is."""

from typing import Any

from ...core.messages import NO_TITLE
from .. import normalise as n
from ..model import Entry
from .accessions import accession


def from_shown_title(entry: Entry) -> Entry:
    """Return an entry with the identifier that stands for its title, where it has none of that kind."""
    if not entry.title.startswith(f"{NO_TITLE} "):
        return entry
    shown = entry.title.removeprefix(NO_TITLE).strip()
    name, colon, value = shown.partition(":")
    found: dict[str, Any] = {}
    if colon and (read := {"doi": n.doi, "pmid": n.pmid, "pmcid": n.pmcid, "arxiv": n.arxiv}.get(name)):
        found[name] = read(value)
    elif name == "isbn" and (books := n.isbn(value)):
        found["isbn"] = books
    elif number := n.wos(shown):
        found["wos"] = number
    elif numbers := n.registry_numbers(shown) if " " not in shown else ():
        found["registry"] = numbers
    elif "://" in shown and " " not in shown:
        found["url"] = shown
    elif " " not in shown and ":" in shown and (number := accession(shown)):
        found["accession"] = (number,)
    missing = {field: value for field, value in found.items() if value and not getattr(entry, field)}
    return entry.model_copy(update=missing) if missing else entry
