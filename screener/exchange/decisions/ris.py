"""Decisions in RIS: in the notes of each record, as Rayyan, ASReview and our own export write them."""

from ...core.errors import BadInput
from ...records import entry_of, parse_ris
from .decision_file import DecisionFile, DecisionFileRequest, DecisionRow, Opinion
from .notes import asreview, is_asreview, is_rayyan, rayyan, read_own_note, together

_FIELDS = {"given_id", "title", "doi", "pmid", "arxiv", "wos", "url"}


def read_ris(file: DecisionFileRequest) -> DecisionFile:
    """Read the decisions in the notes of an RIS file; without any it must be a list of what was decided alike."""
    decision, parsed_records = file.decision, parse_ris(file.export.text).records
    ids = [parsed.first("ID") for parsed in parsed_records]
    rows, formats = [], set[str]()
    for number, parsed in enumerate(parsed_records, start=1):
        # A number that comes twice identifies nothing.
        entry = entry_of(parsed, own_id=all(ids) and len(set(ids)) == len(ids))
        record = entry.model_dump(include=_FIELDS)
        try:
            own_id, own = read_own_note(parsed.all("N1"), file.stage)
        except BadInput as error:
            rows.append(DecisionRow(number, record, fault=str(error)))
            continue
        notes = [note.removeprefix("<p>").removesuffix("</p>") for note in parsed.all("N1")]
        opinions: tuple[Opinion, ...] = ()
        if decision is not None:
            opinions = (Opinion(decision),)
        elif own:
            opinions = together(own, rayyan(" | ".join(notes)))
            record["given_id"] = own_id
            formats.add("screener")
        elif is_rayyan(joined := " | ".join(notes)):
            opinions = rayyan(joined)
            formats.add("Rayyan")
        elif is_asreview(notes):
            opinions = asreview(notes)
            formats.add("ASReview")
        rows.append(DecisionRow(number, record, opinions))
    if not formats and decision is None:
        raise BadInput(
            f"{file.export.path}: no note of this RIS file holds a decision of Rayyan or ASReview; for a list of included or "
            "excluded records say --decision include or exclude"
        )
    ours = "screener" in formats
    format = "screener" if ours else " and ".join(sorted(formats)) or "list"
    return DecisionFile(f"{format} (RIS)", tuple(rows), foreign_ids=not ours)
