"""An audit without texts: what stands in the place of abstracts and documents, so that all figures can still be made.

An abstract becomes a mark that there was one, and the record keeps the hash of its text (`Record.sealed`). Of a document
all characters are blacked but the places of gold's own quotes, which one figure looks for. Quotes in judgements stay: they
are what the judgements stand on, and the report prints them too.
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...documents import Document, RecognisedPage
from ...gold import load_gold_items
from ...ledger import Ledger, Lookup, as_studies, reads, reports
from ...protocol import Review
from ...records import COLUMNS, Entry, arxiv, doi
from ...stages import form_of
from ...text import locate

ABSTRACT = "[left out]"
BLACK = "█"
LEFT_OUT = (
    "abstracts, in the ledger and in gold's tables: a record keeps the hash of its text",
    "the texts of documents, but for the places of gold's quotes, and the files themselves: their hashes stay",
    "answers of models as they came: their hashes stay. Prompts are never stored as rendered",
)
"""What an audit without texts leaves out, for people."""

Span = tuple[int, int]


def without_abstract(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of `hits` or `records` without the abstract; a row of any other table as it is."""
    column = {"hits": "entry", "records": "body"}.get(table)
    if column is None:
        return row
    entry = json.loads(row[column])
    if entry.get("abstract"):
        entry["abstract"] = ABSTRACT
    if table == "records":
        entry["sealed"] = row["text_hash"]
    return {**row, column: json.dumps(entry, ensure_ascii=False, separators=(",", ":"))}


def blacked(text: str, spans: Iterable[Span]) -> str | None:
    """Return the text of a stored document with only `spans` left to be read; None if it is not a document's."""
    try:
        document = Document.model_validate_json(text)
    except ValueError:
        return None
    characters = [character if character in "\n\f" else BLACK for character in document.text]
    for start, end in spans:
        characters[start:end] = document.text[start:end]
    bare = Document(
        text="".join(characters), pages=document.pages, blocks=(), reader=document.reader, scan=document.scan,
        unread=document.unread, recognised=tuple(map(_blacked_page, document.recognised)),
    )  # fmt: skip
    return bare.model_dump_json()


def _blacked_page(page: RecognisedPage) -> RecognisedPage:
    """Return what was recognised on a page without its words."""
    lines = [line.model_copy(update={"text": re.sub(r"\S", BLACK, line.text)}) for line in page.lines]
    return page.model_copy(update={"lines": tuple(lines)})


def gold_spans(ledger: Ledger, review: Review) -> Mapping[str, list[Span]]:
    """Return where gold's quotes stand, by the hash of the document's text.

    It loads the form, which the report has run too.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    if Stage.EXTRACTION not in review.protocol.stages:
        return spans
    try:
        gold = load_gold_items(review, form_of(review))
    except BadInput:
        return spans  # the report says what is wrong with the form
    if gold is None:
        return spans
    lookup = Lookup(ledger)
    with ledger.read() as connection:
        records = reads.records(connection)
    placed = {
        name: lookup.find(gold.entries.get(name) or Entry(title="", given_id=name, doi=doi(name), arxiv=arxiv(name)))
        for name in gold.studies
    }
    studies = as_studies(ledger, reports(ledger, records))
    by_id = {name: report for report in studies for name in (*report.study, report.id)}
    for name, items in gold.studies.items():
        report = by_id.get(placed[name] or "")
        documents = report.documents if report else {}
        contents = {document.name: document.content for document in report.readable} if report else {}
        for item in items.values():
            document = documents.get(item.document or "")
            if document is None or not item.quote or item.page is None or item.page > len(document.pages):
                continue
            place, first = locate(item.quote, document.page_text(item.page)), document.page_span(item.page)[0]
            if place.start is not None and place.end is not None:
                spans[contents[item.document or ""]].append((first + place.start, first + place.end))
    return spans


def table_without_abstracts(name: PurePosixPath, raw: bytes) -> bytes | None:
    """Return a CSV file of `gold/` with its abstracts marked as left out; None if there are none in it.

    The files of labels are what gold's version is made of, so they stay as they are; they hold no abstracts.
    """
    if name.parts[0] != "gold" or name.suffix.lower() != ".csv" or name.stem in set(Stage):
        return None
    try:
        table = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(f"{name}: is no CSV in UTF-8, so its abstracts cannot be left out; save it again") from None
    columns = set(COLUMNS["abstract"])
    places = [index for index, column in enumerate(table[0] if table else ()) if column.strip().lower() in columns]
    if not places:
        return None
    for row in table[1:]:
        for index in places:
            if index < len(row) and row[index]:
                row[index] = ABSTRACT
    output = io.StringIO(newline="")
    csv.writer(output, lineterminator="\n").writerows(table)
    return output.getvalue().encode()
