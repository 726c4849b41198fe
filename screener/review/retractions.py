"""Retractions in the browser: all records compared with a list that was sent, and why a marked record stays."""

from ..core.errors import BadInput
from ..core.words import counted
from ..exchange import check_integrity
from ..exchange import keep_marked as keep_marked
from ..ledger import Ledger, integrity_decisions, marked_records
from ..ledger.store import Connection
from ..records import Integrity
from .uploads import Drop, SentFile

_GRAVE = (Integrity.CONCERN, Integrity.WITHDRAWN, Integrity.RETRACTED)
"""The marks on which a person has to decide where the record is included."""


def check_sent(ledger: Ledger, drop: Drop, sent: SentFile, who: str) -> str:
    """Compare all records with a list of retractions that was sent, of which nothing is left; return what to say."""
    try:
        check = check_integrity(ledger, sent.path, who)
    except BadInput as error:
        told = str(error).replace(f"{sent.path}: ", "").replace(str(sent.path), sent.name)
        raise BadInput(told.partition("; can be read: ")[0]) from None
    finally:
        drop.remove(sent.number)
    without = f"; {counted(check.without, 'record has', 'records have')} neither DOI nor PMID" if check.without else ""
    return f"Compared {counted(check.compared, 'record')} with {sent.name}: {len(check.found):,} marked{without}"


def undecided_mark(connection: Connection, record: str) -> str:
    """Return how a record is marked, in a word, where nobody has noted yet why it stays; empty where nothing grave is known."""
    mark = marked_records(connection).get(record)
    if mark is None or mark.integrity not in _GRAVE:
        return ""
    decided = integrity_decisions(connection).get(record)
    return "" if decided is not None and decided.mark == mark.integrity.value else str(mark.integrity.value)
