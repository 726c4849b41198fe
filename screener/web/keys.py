"""The keys of the app, by what they serve, as its help lists them; `g` and the key of a screen are listed with them."""

from collections.abc import Sequence

KEYS: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    (
        "Answering",
        (
            ("y n u", "yes, no, unclear on the marked question"),
            ("↓ ↑", "next, previous question (also j, k)"),
            ("1 … 9", "go to that question"),
            ("a", "yes to all unanswered questions"),
            ("0", "clear the answer"),
            ("w", "guidance on the marked question"),
            ("m", "write a note; Esc leaves it"),
            ("q", "quote what is selected for the marked question or item"),
            ("i", "in conflicts: take the ready reason"),
            ("l", "add tags; -word removes one"),
            ("r", "restore what was typed and not sent"),
            ("Enter", "save and go to the next record"),
        ),
    ),
    (
        "Moving",
        (
            ("s", "skip for later"),
            ("p", "your previous record"),
            ("z", "undo your last action"),
            ("Esc", "dismiss what was refused"),
            ("/", "search"),
        ),
    ),
    (
        "Viewing",
        (
            ("h", "highlights on or off"),
            ("b", "hide or show reviewers' names"),
            ("[ ]", "previous, next page"),
            ("- = f", "smaller, larger, fit the width or the whole page"),
            ("/ n N", "find in the document; next, previous match while the pages have the focus"),
            ("v", "show the quote on the page"),
            ("t", "light or dark"),
            ("?", "show these keys"),
        ),
    ),
    (
        "In forms",
        (
            ("y o e", "accept the suggestion, accept the other machine's, edit"),
            ("1 2", "item in conflict: use that reviewer's answer"),
            ("x n u", "not reported, not applicable, unclear"),
            ("+", "add a row to a list"),
        ),
    ),
    (
        "Duplicates",
        (
            ("y n", "what is listed is right; different works"),
            ("r m", "two reports of one study; one record after all"),
            ("v", "one pair at a time, or a list"),
            ("s p", "next, previous"),
            ("c", "confirm all exact, after a look at them"),
            ("z", "undo your last decision on pairs"),
        ),
    ),
    (
        "Models",
        (
            ("y n", "the selected are on topic; are not"),
            ("r o", "they are publications; judge again"),
            ("z", "undo your last judgement of topics"),
        ),
    ),
    (
        "Import, missing full texts",
        (
            ("u", "choose files"),
            ("i", "import what is ready"),
            ("[ ]", "previous, next page of missing full texts"),
        ),
    ),
    (
        "In lists",
        (
            ("Enter", "open this record"),
            ("x X", "select this record, all on the page"),
            ("d", "decide on all selected"),
            ("z", "undo the last bulk decision"),
        ),
    ),
    (
        "On a record's page",
        (
            ("Enter", "judge it"),
            ("m", "write a note"),
            ("p", "back to the list"),
        ),
    ),
)  # fmt: skip

START_KEYS: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    (
        "Reviews",
        (
            ("Enter", "go on with the review opened last"),
            ("1 … 9", "go on with that review"),
            ("n o", "a new review, open a folder"),
        ),
    ),
    ("Viewing", (("g h", "go to all reviews"), ("t", "light or dark"), ("?", "show these keys"))),
)
"""The keys of the start page and of those around it."""

SERVER_KEYS: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    ("Viewing", (("g h", "go to all reviews"), ("t", "light or dark"), ("?", "show these keys"))),
)
"""The keys of a server's pages around its reviews."""
