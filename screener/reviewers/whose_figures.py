"""Figures of tables, held against the heads of their rows and columns: is it this model's row, and this measure's column?

A quote proves that a figure is printed, and a table says of whom and of what it is. Where the table names the entry that is
answered for, a figure of another row is not its own; where it names the measure, one of another column is not of that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.judgement import Evidence, ItemAnswer, ItemStatus
from ..documents import BETWEEN_HEADS, Cell, Document, EvidenceTexts, Kind, Quote, Table
from ..forms import ItemField, RowField, Vocabulary
from ..text import Mark, cue_spans, decimal_mark
from ..text.sentences import sentences
from .expanding import prefix
from .extraction import holds_number
from .places import OWN_WORK
from .questions import FormPart
from .table_names import UnitNames, heads_saying, is_across, is_authors

Items = Mapping[str, ItemAnswer]
_BARE = re.compile(r"[\d.,%±−–\s()\[\]-]+")
_BEHIND = re.compile(r"\s*(?:[±(\[*†‡§¶].*)?", re.DOTALL)
"""What may stand in a cell behind its figure."""
_NAMING = frozenset({"named", "called", "also called", "we call"})
"""Words that lead to an item that is a name of its entry."""


def held_against_tables(
    parts: Sequence[FormPart], names: Mapping[str, Mapping[str, int]], items: Items, sources: EvidenceTexts
) -> dict[str, ItemAnswer]:
    """Return items, those `unclear` of which the figure stands in a row or column of something else.

    `names` has by list of units its entries with their numbers. Looked at are the numbers in the lists of such entries.
    """
    held = dict(items)
    if not any(document.tables for document in sources.documents.values()):
        return held
    for part in parts:
        known = _names(part.unit.path, parts, names, items) if part.unit else {}
        for number, own in known.items():
            for row in part.rows:
                list_path = f"{prefix(part, number)}{row.path}["
                starts = {path[: path.index("].", len(list_path)) + 2] for path in items if path.startswith(list_path)}
                for start in sorted(starts):
                    held |= _entry(row, start, own, items, sources)
    return held


def _names(
    unit: str, parts: Sequence[FormPart], names: Mapping[str, Mapping[str, int]], items: Items
) -> dict[int, UnitNames]:
    """Return the names of each entry of a list of units: as it was found, and as the form's items have it."""
    found: dict[int, list[str]] = {number: [name] for name, number in names.get(unit, {}).items()}
    for part in parts:
        for item in part.items if part.unit and part.unit.path == unit else ():
            for number, own in found.items():
                answer = items.get(f"{prefix(part, number)}{item.path}")
                if answer is not None and answer.status is ItemStatus.REPORTED and _is_name(item):
                    own += answer.value if isinstance(answer.value, list) else [str(answer.value)]
    return {
        number: UnitNames(tuple(own), tuple(name for other in found if other != number for name in found[other]))
        for number, own in found.items()
    }


def _is_name(item: ItemField) -> bool:
    return item.kind in ("text", "texts") and not _NAMING.isdisjoint(item.near)


def _entry(row: RowField, start: str, names: UnitNames, items: Items, sources: EvidenceTexts) -> Items:
    """Return the figures of an entry of a list that are not what they are given for."""
    entry = [(item, items[path]) for item in row.items if (path := f"{start}{item.path}") in items]
    entry = [(item, answer) for item, answer in entry if answer.status is ItemStatus.REPORTED]
    changed: dict[str, ItemAnswer] = {}
    for item, answer in entry:
        if item.kind == "number":
            settled = _whose(item, answer, names, sources)
            if settled.status is ItemStatus.REPORTED and (problem := _of_what(item, settled, entry, sources)):
                settled = _doubted(settled, problem)
            changed[f"{start}{item.path}"] = settled
    return changed


def _doubted(answer: ItemAnswer, problem: str) -> ItemAnswer:
    reason = "; ".join(filter(None, (answer.reason, problem)))
    return answer.model_copy(update={"status": ItemStatus.UNCLEAR, "reason": reason})


@dataclass(frozen=True)
class _Figure:
    """A cell of a table that holds a value."""

    cell: Cell
    table: Table
    text: str
    document: str

    def words(self, cell: Cell) -> str:
        return " ".join(self.text[cell.start : cell.end].split())

    @property
    def heads(self) -> list[Cell]:
        """Return the heads of its rows and columns."""
        return [*self.table.row_heads(self.cell), *self.table.column_heads(self.cell)]

    def stands_for(self, names: UnitNames) -> bool:
        return any(names.may_be(self.words(head)) for head in self.heads)

    def fault(self, names: UnitNames) -> str:
        """Return in which row or column it stands, where the table has one with the names; or the empty string."""
        rows, columns = heads_saying(self.table, self.text, names.said_in)
        row_heads, column_heads = self.table.row_heads(self.cell), self.table.column_heads(self.cell)
        for named in rows:
            across = is_across(self.table, named)
            for head in row_heads:
                # A row without a name of its own may belong to the one above.
                level = is_across(self.table, head) if across else head.column == named.column
                if level and (across or not is_across(self.table, head)) and self._is_other(head):
                    return f"the figure stands in the row of “{self.words(head)}”, not of “{names.own[0]}”"
        for named in columns:
            for head in column_heads:
                if head.row == named.row and self._is_other(head):
                    return f"the figure stands in the column of “{self.words(head)}”, not of “{names.own[0]}”"
        return ""

    def _is_other(self, head: Cell) -> bool:
        words = self.words(head)
        return any(letter.isalpha() for letter in words) and not is_authors(words)


def _whose(item: ItemField, answer: ItemAnswer, names: UnitNames, sources: EvidenceTexts) -> ItemAnswer:
    """Return an answer, of a bare figure with its place in the row of the names; `unclear` where it stands in another's."""
    doubted: ItemAnswer | None = None
    for number, quote in enumerate(answer.evidence):
        figures, elsewhere = _figures(item, answer, quote, sources)
        document = sources.documents.get(quote.document)
        bare = _everywhere(quote, document) if document is not None and figures else []
        if elsewhere or any(figure.stands_for(names) for figure in figures):
            return answer
        if own := next((figure for figure in bare if figure.stands_for(names)), None):
            return _placed(answer, number, own, sources)
        if bare and document is not None and _told_of(quote.quote.strip(), names, document):
            return answer
        faults = [(figure, figure.fault(names)) for figure in bare or figures]
        faulty = [(figure, fault) for figure, fault in faults if fault]
        if faults and (not faulty or (len(faulty) < len(faults) and not bare)):
            return answer
        if faulty and doubted is None:
            figure, fault = faulty[0]
            doubted = _doubted(_placed(answer, number, figure, sources) if bare else answer, fault)
    return doubted or answer


def _placed(answer: ItemAnswer, number: int, figure: _Figure, sources: EvidenceTexts) -> ItemAnswer:
    """Return an answer of which one quote, a figure alone, has its place in another cell."""
    moved = sources.find(Quote(answer.evidence[number].quote, figure.document, figure.cell.start))
    return answer.model_copy(update={"evidence": (*answer.evidence[:number], moved, *answer.evidence[number + 1 :])})


def _figures(
    item: ItemField, answer: ItemAnswer, quote: Evidence, sources: EvidenceTexts
) -> tuple[list[_Figure], bool]:
    """Return the cells at the place of a quote that hold the value, and whether it stands outside of cells there."""
    if quote.start is None or quote.end is None:
        return [], False
    text, document = sources.texts[quote.document], sources.documents.get(quote.document)
    rest, mark = text[quote.start : quote.end], decimal_mark(text)
    figures: list[_Figure] = []
    for table in document.tables if document else ():
        for cell in table.cells:
            if cell.start < quote.end and quote.start < cell.end:
                if not cell.head and _holds(item, answer, text[cell.start : cell.end], mark):
                    figures.append(_Figure(cell, table, text, quote.document))
                start, end = max(cell.start - quote.start, 0), min(cell.end, quote.end) - quote.start
                rest = rest[:start] + "\n" * (end - start) + rest[end:]
    return figures, _holds(item, answer, rest, mark)


def _everywhere(quote: Evidence, document: Document) -> list[_Figure]:
    """Return of a quote that is a figure alone all cells that are it: the place that was found is only the first."""
    words = quote.quote.strip()
    if not _BARE.fullmatch(words):
        return []
    return [
        _Figure(cell, table, document.text, quote.document)
        for table in document.tables
        for cell in table.cells
        if not cell.head
        and document.text.startswith(words, cell.start)
        and _BEHIND.fullmatch(document.text, cell.start + len(words), cell.end)
    ]


def _told_of(figure: str, names: UnitNames, document: Document) -> bool:
    """Return whether a sentence with a figure is about the names or the authors' work."""
    printed = re.compile(rf"(?<![\w.]){re.escape(figure)}(?![\w%]|[.,]\d)")
    for block in document.blocks:
        text = document.text[block.start : block.end]
        for sentence in sentences(text) if block.kind is not Kind.TABLE_ROW and printed.search(text) else ():
            if printed.search(sentence.text) and (names.may_be(sentence.text) or OWN_WORK.search(sentence.text)):
                return True
    return False


def _holds(item: ItemField, answer: ItemAnswer, words: str, mark: Mark) -> bool:
    return isinstance(answer.value, int | float) and holds_number(words, answer.value, item, mark)


def _of_what(
    item: ItemField, answer: ItemAnswer, entry: Sequence[tuple[ItemField, ItemAnswer]], sources: EvidenceTexts
) -> str:
    """Return why a figure is not of the codes of its entry: its head says another one, and a head of others this one."""
    found = [_figures(item, answer, quote, sources) for quote in answer.evidence]
    figures = [figure for cells, _ in found for figure in cells]
    if len(figures) != 1 or any(elsewhere for _, elsewhere in found):
        return ""
    [figure] = figures
    if any(len(_everywhere(quote, sources.documents[figure.document])) > 1 for quote in answer.evidence):
        return ""
    table = figure.table
    for coded, given in entry:
        if not coded.coded or coded.vocabulary is None:
            continue
        codes = set(given.value if isinstance(given.value, list) else [given.value])
        for heads, above in ((table.column_heads(figure.cell), True), (table.row_heads(figure.cell), False)):
            said = _said(coded, [figure.words(head) for head in heads])
            if len(said) == 1 and not said & codes and codes & _said_beside(coded, figure, above=above):
                words = BETWEEN_HEADS.join(figure.words(head) for head in heads)
                return f"the figure stands under “{words}”, which says {said.pop()}, not {', '.join(sorted(codes))}"
    return ""


def _said_beside(item: ItemField, figure: _Figure, *, above: bool) -> set[str]:
    """Return the codes that heads of the table's columns (or rows) say."""
    rows, columns = heads_saying(figure.table, figure.text, bool)
    return {code for head in (columns if above else rows) for code in _said(item, [figure.words(head)])}


def _said(item: ItemField, heads: Sequence[str]) -> set[str]:
    """Return the codes whose words stand in heads, outside longer ones of another code."""
    found: list[tuple[int, int, Vocabulary]] = []
    words = "\n".join(heads)
    for member in item.vocabulary or ():
        found += [(start, end, member) for start, end, _ in cue_spans(words, member.synonyms)]
    return {
        str(member)
        for start, end, member in found
        if not any(s <= start and end <= e and e - s > end - start for s, e, other in found if other != member)
    }
