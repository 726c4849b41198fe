"""Reports of which a test says the text, without a file."""

from screener.documents import Document, Report
from screener.documents.model import Block, Kind


def report_of(*sections: tuple[str, str], title: str = "T", abstract: str = "") -> Report:
    """Return a report whose only document has these sections, each a heading and a paragraph."""
    text, blocks = "", []
    for heading, paragraph in sections:
        start = len(text)
        text += paragraph
        kind = Kind.REFERENCE if heading == "References" else Kind.TEXT
        blocks.append(Block(start=start, end=len(text), kind=kind, section=heading))
        text += "\n\n"
    document = Document(text=text, pages=(0,), blocks=tuple(blocks), reader="test")
    attached = {"record_id": "a", "name": "main", "role": "main", "file": "f", "sha256": "0", "content": "0", "pages": 1,
                "characters": len(text), "scan": False, "how": "test", "at": ""}  # fmt: skip
    return Report(
        id="a", title=title, abstract=abstract, sources=("Base",), attached=(attached,), load=lambda _: document
    )
