"""What tests ask of a document: its blocks, and the heads of a cell."""

from screener.documents import Document, Kind


def blocks(document: Document) -> list[tuple[Kind, str, str]]:
    """Return kind, section and text of each block."""
    return [(block.kind, block.section, document.text[block.start : block.end]) for block in document.blocks]


def texts(document: Document, kind: Kind) -> list[str]:
    """Return the texts of the blocks of a kind."""
    return [text for other, _, text in blocks(document) if other is kind]


def section_of(document: Document, words: str) -> str:
    """Return the section in which words stand."""
    block = document.block_at(document.text.index(words))
    assert block is not None
    return block.section


def heads_of(document: Document, words: str) -> tuple[list[str], list[str]]:
    """Return what the row and the column of the one cell with these words are called."""
    [(table, cell)] = [
        (table, cell)
        for table in document.tables
        for cell in table.cells
        if document.text[cell.start : cell.end] == words
    ]
    rows, columns = (
        [document.text[head.start : head.end] for head in heads]
        for heads in (table.row_heads(cell), table.column_heads(cell))
    )
    return rows, columns
