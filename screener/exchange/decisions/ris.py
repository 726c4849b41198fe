"""Decisions in RIS: in the notes of each record, as Rayyan and ASReview write them."""

from ...core.errors import BadInput
from ...records import entry_of, parse_ris
from ...records import normalise as n
from .decision_file import DecisionFile, DecisionFileRequest, DecisionRow, Opinion
from .notes import asreview, is_asreview, is_rayyan, rayyan

_FIELDS = {"title", "doi", "pmid", "arxiv", "wos", "url"}


def read_ris(file: DecisionFileRequest) -> DecisionFile:
    """Read the decisions in the notes of an RIS file; without any it must be a list of what was decided alike."""
    decision = file.decision
    rows, formats = [], set[str]()
    for number, parsed in enumerate(parse_ris(file.export.text), start=1):
        if isinstance(parsed, str):
            rows.append(DecisionRow(number, {}, fault=parsed))
            continue
        notes = [n.clean(note).removeprefix("<p>").removesuffix("</p>") for note in parsed.get("notes") or ()]
        opinions: tuple[Opinion, ...] = ()
        if decision is not None:
            opinions = (Opinion(decision),)
        elif is_rayyan(joined := " | ".join(notes)):
            opinions = rayyan(joined)
            formats.add("Rayyan")
        elif is_asreview(notes):
            opinions = asreview(notes)
            formats.add("ASReview")
        entry = entry_of(parsed, own_id=False)
        rows.append(DecisionRow(number, entry.model_dump(include=_FIELDS), opinions))
    if not formats and decision is None:
        raise BadInput(
            f"{file.export.path}: no note of this RIS file holds a decision of Rayyan or ASReview; for a list of included or "
            "excluded records say --decision include or exclude"
        )
    return DecisionFile(f"{' and '.join(sorted(formats)) or 'list'} (RIS)", tuple(rows), foreign_ids=True)
