"""What two entries share that may be the same work: the keys by which others are looked up, also in a ledger."""

from hashlib import blake2b

from ..model import Entry
from ..normalise import normalise_title
from .notice_links import notice_keys

KEYS_VERSION = 2
"""Goes up with each change of the keys: keys that another version stored are made anew."""
_IDENTIFIERS = ("wos", "pmid", "pmcid", "doi", "arxiv")


def blocking_keys(entry: Entry) -> tuple[str, ...]:
    """Return short texts of which two entries that may be merged, linked or shown as candidates share at least one.

    They follow from the entry alone, whatever else there is, and are the same in every run of one `KEYS_VERSION`. Each is
    a letter for its kind and 12 hex digits. To compare an entry as if all others were there, load those that share a key
    with it *and* whatever these are merged with.
    """
    title = normalise_title(entry.title).replace(" ", "")
    written = [f"{kind}:{value}" for kind in _IDENTIFIERS if (value := getattr(entry, kind))]
    written += [f"accession:{number}" for number in entry.accession] + [
        f"registry:{number}" for number in entry.registry
    ]
    if entry.given_id:
        # Many files number their rows from 1: the beginning of the title keeps those apart.
        written.append(f"given_id:{entry.given_id}:{title[:4]}")
    # A notice and its paper meet in the paper's identifiers and title.
    about = [name.partition(":") for name in notice_keys(entry)]
    written += [f"{kind}:{value}" for kind, _, value in about if kind != "title"]
    titles = dict.fromkeys([*[title] * bool(title), *(value for kind, _, value in about if kind == "title")])
    return tuple(dict.fromkeys([*(f"i{_hash(text)}" for text in written), *(f"t{_hash(text)}" for text in titles)]))


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()
