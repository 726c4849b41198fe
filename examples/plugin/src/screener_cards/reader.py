"""The format *cards*: a text that begins with `# cards`, and a card a record that begins with `== TITLE`."""

import re

from screener.records import Entry, Export, Reader, RowCollector

_FIELD = re.compile(r"(by|year|doi): *(.*)")


def recognises(export: Export) -> bool:
    """Whether a file is a library of cards."""
    return export.text.startswith("# cards")


def read(export: Export, rows: RowCollector) -> list[str]:
    """Add a row a card. A card whose year is no number is rejected with the reason, and stops no other one."""
    for number, card in enumerate(re.split(r"^== *", export.text, flags=re.MULTILINE)[1:], start=1):
        title, *lines = card.splitlines()
        fields: dict[str, str] = {}
        abstract = []
        for line in lines:
            if (match := _FIELD.fullmatch(line)) is not None:
                fields[match[1]] = match[2].strip()
            else:
                abstract.append(line.strip())
        year = fields.get("year", "")
        if year and not year.isdigit():
            rows.reject(number, f"the year `{year}` is no number")
            continue
        rows.add(
            number,
            Entry(
                title=title.strip(),
                abstract=" ".join(abstract).strip(),
                authors=tuple(name.strip() for name in fields.get("by", "").split(";") if name.strip()),
                year=int(year) if year else None,
                doi=fields.get("doi") or None,
            ),
        )
    return []


CARDS = Reader("cards", "cards (.cards)", recognises, read, source="Card library")
