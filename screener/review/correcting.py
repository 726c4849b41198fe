"""What people know of a record and no source gave: its abstract, entered as a recorded correction that can be taken back."""

import re

from ..core.errors import BadInput
from ..ledger import Ledger, undo_imports
from ..ledger.enrichments import abstract_by_hand, add_abstract
from ..protocol import Review
from .changes import after_change

LONGEST = 20_000
"""So many characters an abstract may have that a person enters."""
_BLANKS, _LINES = re.compile(r"[ \t\f\v\u00a0]+"), re.compile(r"\n{3,}")


def enter_abstract(ledger: Ledger, review: Review, record_id: str, text: str, who: str) -> None:
    """Enter the abstract of a record that has none. What was judged of the title alone is then of an earlier text.

    Raises `BadInput` for an empty or very long text, and for a record that has an abstract.
    """
    lines = (_BLANKS.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\x00", "").split("\n"))
    tidy = _LINES.sub("\n\n", "\n".join(lines)).strip()
    if not tidy:
        raise BadInput("The abstract is empty; paste its text first.")
    if len(tidy) > LONGEST:
        raise BadInput(
            f"The text has {len(tidy):,} characters, an abstract {LONGEST:,} at most. Paste the abstract alone."
        )
    add_abstract(ledger, record_id, tidy, who)
    after_change(ledger, review)


def take_back_abstract(ledger: Ledger, review: Review, record_id: str, who: str) -> None:
    """Take back an abstract that a person entered; `BadInput` where the record has none of these."""
    with ledger.read() as connection:
        number = abstract_by_hand(connection, record_id)
    if number is None:
        raise BadInput("This abstract was not entered by hand, or was taken back already; reload the page.")
    undo_imports(ledger, [number], who, with_judgements=False)
    after_change(ledger, review)
