"""Change files at random and read them: `python tests/attacks/fuzz.py [--tries 10000] [--only KIND] [--seed 1]`.

Exports of every format, label files, answers of batches, audit archives, PDFs, web pages, articles in JATS, Markdown and Docling's JSON. A mutant survives where it is read
or refused in one line, within 20 seconds. It is lost where the program fails or hangs, and where a row of the export that is
still whole in the mutant comes neither as a record nor as a rejected row. Prints `kind, tried, survived, lost`.
"""

import argparse
import json
import random
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]


from support import ROOT, SHARED, Later
from support.attack import Outcome
from support.hidden_pdf import HIDDEN, page, scan

from screener.core.errors import BadInput, LedgerError
from screener.documents import Document, Failure, ParserProcess, layout
from screener.exchange.decisions.formats import read_decisions
from screener.models.batch import read_answers
from screener.records import read_file
from screener.reporting.audit import check_audit

openpyxl = Later("openpyxl")

DEADLINE_S = 20
TOKENS = (b'"', b'""', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b"ER  - \n",
          b"TY  - JOUR\n", b"  - ", b"{", b"}", b"[" * 2000, b"]", b"\\", b"\\u0000", b"9" * 5000, b"1e999", b"NaN", b"-", b"=cmd|",
          b"<", b">", b"&#0;", b"<![CDATA[", b"</div>" * 500, b"<div>" * 2000, b"%PDF-1.7", b"stream", b"endstream", b"endobj", b" 0 R",
          b"/Length 99999999999", "\u2028".encode(), "\U0001d465".encode(), b"x" * 100_000)  # fmt: skip
MOST_CHANGES = 4
WORDS = ["heart", "rhythm", "mouse", "bread", "signal", "salt", "nurse", "horse", "leaf", "cohort", "dough", "encoder"]


class _Hang(BaseException):
    """Raised by the alarm; no reader may catch it."""


def mutant(content: bytes, draw: random.Random) -> bytes:
    """Return a file with one to four changes: bytes, pieces cut out, doubled or moved, odd words put in, or its end cut off."""
    changed = bytearray(content)
    for _ in range(draw.randint(1, MOST_CHANGES)):
        if not changed:
            break
        at = draw.randrange(len(changed))
        end = min(len(changed), at + draw.choice((1, 2, 8, 64, 500)))
        match draw.randrange(6):
            case 0:
                for _ in range(draw.choice((1, 3, 20))):
                    changed[draw.randrange(len(changed))] = draw.randrange(256)
            case 1:
                del changed[at:end]
            case 2:
                changed[at:at] = changed[at:end]
            case 3:
                changed[at:at] = draw.choice(TOKENS)
            case 4:
                piece = changed[at:end]
                del changed[at:end]
                place = draw.randrange(len(changed) + 1)
                changed[place:place] = piece
            case 5:
                del changed[draw.randrange(len(changed)) :]
    return bytes(changed)


@dataclass(frozen=True)
class Kind:
    """Files of one kind: their ending, what they hold before a change, and how they are read.

    `read` returns what is lost of the mutant, empty where nothing is. `share` is of the tries, in thousandths.
    """

    ending: str
    seeds: Sequence[bytes]
    read: Callable[[Path], str]
    share: int


def _rows() -> list[dict[str, str]]:
    draw = random.Random(7)
    return [
        {"title": f"Study token{number:03}x of the {' '.join(draw.sample(WORDS, 5))}",
         "abstract": f"Words{number:03}y {' '.join(draw.choices(WORDS, k=30))}",
         "authors": f"Zhu{number}, A; Li, B", "year": str(2000 + number % 20), "doi": f"10.1000/{number}", "journal": "Journal of Hearts"}
        for number in range(25)
    ]  # fmt: skip


def _csv(delimiter: str = ",") -> str:
    rows = _rows()
    lines = [delimiter.join(rows[0])]
    lines += [delimiter.join(f'"{value}"' for value in row.values()) for row in rows]
    return "\n".join(lines) + "\n"


def _tagged(tags: Mapping[str, str], first: str, last: str, mark: str = "  - ") -> str:
    """Return the rows in a format of tagged lines, each between a first and a last line."""
    return "\n".join(
        "\n".join([first, *(f"{tags[name]}{mark}{value}" for name, value in row.items()), last]) for row in _rows()
    )


def _ris() -> str:
    tags = {"title": "TI", "abstract": "AB", "authors": "AU", "year": "PY", "doi": "DO", "journal": "JO"}
    return _tagged(tags, "TY  - JOUR", "ER  - ")


def _bibtex() -> str:
    return "\n\n".join(
        f"@article{{key{number},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in row.items()) + "}"
        for number, row in enumerate(_rows())
    )


def _medline() -> str:
    tags = {"title": "TI", "abstract": "AB", "authors": "AU", "year": "DP", "doi": "LID", "journal": "JT"}
    lines = {name: f"{tag:4}" for name, tag in tags.items()}
    records = _tagged(lines, "PMID- 1", "", "- ").split("PMID- 1\n")[1:]
    return "".join(f"PMID- {1000 + number}\n{record}\n" for number, record in enumerate(records))


def _wos_tagged() -> str:
    tags = {"title": "TI", "abstract": "AB", "authors": "AU", "year": "PY", "doi": "DI", "journal": "SO"}
    return "FN Clarivate Analytics Web of Science\nVR 1.0\n" + _tagged(tags, "PT J", "ER\n", " ") + "\nEF\n"


def _endnote_tagged() -> str:
    tags = {"title": "%T", "abstract": "%X", "authors": "%A", "year": "%D", "doi": "%R", "journal": "%J"}
    return _tagged(tags, "%0 Journal Article", "", " ")


def _cochrane() -> str:
    tags = {"title": "TI", "abstract": "AB", "authors": "AU", "year": "YR", "doi": "DOI", "journal": "SO"}
    records = _tagged(tags, "ID: CN-00000001", "", ": ").split("ID: CN-00000001\n")[1:]
    return "".join(
        f"Record #{number} of 25\nID: CN-{number:08}\n{record}\n\n" for number, record in enumerate(records, start=1)
    )


def _endnote_xml() -> str:
    records = "".join(
        f'<record><ref-type name="Journal Article">17</ref-type><contributors><authors><author>{row["authors"]}</author>'
        f"</authors></contributors><titles><title>{row['title']}</title><secondary-title>{row['journal']}</secondary-title>"
        f"</titles><dates><year>{row['year']}</year></dates><abstract>{row['abstract']}</abstract>"
        f"<electronic-resource-num>{row['doi']}</electronic-resource-num></record>\n"
        for row in _rows()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><xml><records>{records}</records></xml>'


def _pubmed_xml() -> str:
    records = "".join(
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{1000 + number}</PMID><Article><Journal><Title>{row["journal"]}</Title>'
        f"</Journal><ArticleTitle>{row['title']}</ArticleTitle><Abstract><AbstractText>{row['abstract']}</AbstractText></Abstract>"
        f'<ELocationID EIdType="doi">{row["doi"]}</ELocationID></Article></MedlineCitation></PubmedArticle>\n'
        for number, row in enumerate(_rows())
    )
    return f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n{records}</PubmedArticleSet>\n'


def _csl_json() -> str:
    rows = [
        {"id": f"r{number}", "type": "article-journal", "title": row["title"], "abstract": row["abstract"], "DOI": row["doi"],
         "issued": {"date-parts": [[int(row["year"])]]}}
        for number, row in enumerate(_rows())
    ]  # fmt: skip
    return json.dumps(rows, indent=1)


def _embase_lines() -> str:
    tags = {"title": "TITLE", "abstract": "ABSTRACT", "authors": "AUTHOR NAMES", "year": "PUBLICATION YEAR", "doi": "DOI",
            "journal": "SOURCE TITLE"}  # fmt: skip
    return "\n\n".join("\n".join(f'"{tags[name]}","{value}"' for name, value in row.items()) for row in _rows())


def _workbook(folder: Path) -> bytes:
    book, path = openpyxl.Workbook(), folder / "seed.xlsx"
    for row in (list(_rows()[0]), *(list(row.values()) for row in _rows())):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path.read_bytes()


# What stands before a title in a format of tags: a title that another tag has is none.
_BEFORE = {".ris": b"\nTI  - ", ".nbib": b"\nTI  - ", ".ciw": b"\nTI ", ".enw": b"\n%T ", ".txt": b"\nTI: "}


def _export(path: Path) -> str:
    """Read an export; what is lost are records that stand in it whole and come nowhere, more than are rejected or told of."""
    raw = path.read_bytes()
    file = read_file(path)
    if file.notes or path.suffix in (".xls", ".xlsx"):
        return ""
    read = " ".join(hit.entry.model_dump_json() for hit in file.hits)
    before = _BEFORE.get(path.suffix, b"")
    lost = []
    for row in _rows():
        # A tag that is no title any more costs the title, not the record.
        known = [row["title"].split()[1], *([] if before else [row["abstract"].split()[0], f'"{row["doi"]}"'])]
        if before + row["title"].encode() in raw and not any(token in read for token in known):
            lost.append(known[0])
    told = len(file.rejected)
    for bad in file.rejected:  # one line for what follows a broken place
        told += sum(int(match[2]) - int(match[1]) for match in re.finditer(r"(\d+) of (\d+) could be read", bad.reason))
        if "what is whole before was read" in bad.reason:  # JSON cannot be taken up again behind a break
            told = len(_rows())
    # A change that cuts out the end of a line or element makes one broken row of two.
    return ", ".join(lost) if len(lost) > told + (MOST_CHANGES if told else 0) else ""


def _labels(path: Path) -> str:
    read_decisions(path, {}, None)
    return ""


def _batch(path: Path) -> str:
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    answers = read_answers(lines, [f"id-{number}" for number in range(25)])
    told = len(answers.replies) + len(answers.unknown) + len(answers.unreadable) + len(answers.repeated)
    return "" if told or not any(map(str.strip, lines)) else "no line is told of"


def _batch_lines() -> str:
    def line(number: int) -> str:
        message = {"role": "assistant", "content": json.dumps({"answer": "yes", "reason": "words"})}
        body = {"id": "x", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}}  # fmt: skip
        return json.dumps({"custom_id": f"id-{number}", "response": {"status_code": 200, "body": body}, "error": None})

    return "\n".join(map(line, range(25)))


def _article() -> str:
    table = (
        "<table-wrap><label>Table 1</label><caption><p>Of all.</p></caption><table><thead><tr><th rowspan='2'>A</th><th colspan='2'>B</th>"
        "</tr></thead><tbody><tr><td>1</td><td/></tr></tbody></table><table-wrap-foot><fn><p>a</p></fn></table-wrap-foot></table-wrap>"
    )
    sections = "".join(f"<sec><title>{row['title']}</title><p>{row['abstract']}</p>{table}</sec>" for row in _rows())
    references = "<ref-list><ref><mixed-citation>Alder P. 2019.</mixed-citation></ref></ref-list>"
    return f"<article><front><article-meta/></front><body>{sections}</body><back>{references}</back></article>"


def _markdown() -> str:
    parts = (
        f"## {row['title']}\n\n{row['abstract']}\n\n| A | B |\n| - | - |\n| 1 | 2 |\n\n1. *one*\n2. `two`"
        for row in _rows()
    )
    return "---\ntitle: x\n---\n" + "\n\n".join(parts)


def _docling() -> str:
    texts = [{"label": "text", "text": row["abstract"], "prov": [{"page_no": n}]} for n, row in enumerate(_rows(), 1)]
    cells = [
        {
            "text": "1",
            "start_row_offset_idx": n,
            "end_row_offset_idx": n + 2,
            "start_col_offset_idx": n,
            "end_col_offset_idx": n + 2,
        }
        for n in range(9)
    ]
    children = [{"$ref": f"#/texts/{n}"} for n in range(len(texts))] + [{"$ref": "#/tables/0"}]
    found = {"schema_name": "DoclingDocument", "version": "1.10.0", "body": {"children": children}, "texts": texts}
    return json.dumps(found | {"tables": [{"label": "table", "data": {"table_cells": cells}}]})


def _audit(path: Path) -> str:
    check_audit(path)
    return ""


def _text_document(path: Path) -> str:
    layout(path)
    return ""


def _pdf(process: ParserProcess) -> Callable[[Path], str]:
    def read(path: Path) -> str:
        result = process.parse(path)
        if isinstance(result, Failure):
            return "" if result.reason and result.kind.value != "too_slow" else result.reason
        return "" if isinstance(result, Document) else "neither document nor failure"

    return read


def kinds(folder: Path, process: ParserProcess) -> Mapping[str, Kind]:
    """Return all kinds, with their files made in a folder."""
    table, ris = _csv(), _ris()
    jsonl = "\n".join(map(json.dumps, _rows()))
    labels = "id,title,doi,decision,reviewer,reason\n" + "".join(
        f'{n},"{row["title"]}",{row["doi"]},{("include", "exclude", "unclear")[n % 3]},ada,words\n'
        for n, row in enumerate(_rows())
    )
    html = "<html><head><style>p{}</style></head><body><h1>T</h1>" + "".join(
        f"<p>{row['abstract']}</p><table><tr><td>1</td><td>2</td></tr></table>" for row in _rows()
    )
    pdfs = [page(folder / "a.pdf", draw).read_bytes() for draw in list(HIDDEN.values())[::4]] + [
        scan(folder / "b.pdf").read_bytes()
    ]
    xls = [path.read_bytes() for path in sorted((SHARED / "seed-review" / "wos").glob("*MULTIDISC*.xls"))]
    archives = [path.read_bytes() for path in sorted((ROOT / "tests" / "reporting" / "archives").glob("*.zip"))]
    found = {
        "CSV": Kind(".csv", [table.encode(), _csv(";").encode("utf-16"), _csv("\t").encode()], _export, 140),
        "RIS": Kind(".ris", [ris.encode(), ris.replace("\n", "\r\n").encode()], _export, 220),
        "JSON Lines": Kind(".jsonl", [jsonl.encode()], _export, 80),
        "BibTeX": Kind(".bib", [_bibtex().encode()], _export, 60),
        "MEDLINE": Kind(".nbib", [_medline().encode()], _export, 60),
        "Web of Science tagged": Kind(".ciw", [_wos_tagged().encode()], _export, 60),
        "EndNote tagged": Kind(".enw", [_endnote_tagged().encode()], _export, 40),
        "Cochrane": Kind(".txt", [_cochrane().encode()], _export, 40),
        "EndNote XML": Kind(".xml", [_endnote_xml().encode()], _export, 40),
        "PubMed XML": Kind(".xml", [_pubmed_xml().encode()], _export, 40),
        "CSL JSON": Kind(".json", [_csl_json().encode()], _export, 40),
        "Embase by lines": Kind(".csv", [_embase_lines().encode()], _export, 40),
        ".xlsx": Kind(".xlsx", [_workbook(folder)], _export, 40),
        ".xls": Kind(".xls", xls, _export, 40),
        "label files": Kind(".csv", [labels.encode(), ris.encode()], _labels, 120),
        "answers of batches": Kind(".jsonl", [_batch_lines().encode()], _batch, 100),
        "web pages": Kind(".html", [html.encode()], _text_document, 50),
        "articles": Kind(".xml", [_article().encode()], _text_document, 40),
        "Markdown": Kind(".md", [_markdown().encode()], _text_document, 40),
        "Docling": Kind(".json", [_docling().encode()], _text_document, 40),
        "PDFs": Kind(".pdf", pdfs, _pdf(process), 50),
        "audit archives": Kind(".zip", archives, _audit, 10),
    }
    return {name: kind for name, kind in found.items() if kind.seeds}


def _alarm(_: int, __: FrameType | None) -> None:
    raise _Hang


def attack(kind: Kind, name: str, tries: int, seed: int, folder: Path) -> Outcome:
    """Read so many mutants of a kind; what was lost is told on stderr with the draw that makes it again."""
    outcome = Outcome(name)
    earlier = signal.signal(signal.SIGALRM, _alarm)
    try:
        for number in range(tries):
            draw = random.Random(f"{seed} {name} {number}")
            path = folder / f"mutant{kind.ending}"
            path.write_bytes(mutant(draw.choice(list(kind.seeds)), draw))
            outcome.tried += 1
            problem = _problem(kind, path)
            outcome.survived += not problem
            outcome.lost += bool(problem)
            if problem:
                print(f"{name}, {number}: {problem[:300]}", file=sys.stderr, flush=True)
    finally:
        signal.signal(signal.SIGALRM, earlier)
    return outcome


def _problem(kind: Kind, path: Path) -> str:
    signal.alarm(DEADLINE_S)
    try:
        lost = kind.read(path)
        return f"lost: {lost}" if lost else ""
    except (BadInput, LedgerError) as error:
        return (
            "" if str(error).strip() and "\n" not in str(error).strip() else f"refused in other than one line: {error}"
        )
    except _Hang:
        return f"not read within {DEADLINE_S} s"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def campaign(tries: int, seed: int, folder: Path, only: str | None = None) -> Iterator[Outcome]:
    """Run all kinds, or one of them, with their shares of the tries."""
    with ParserProcess(deadline_s=DEADLINE_S - 2) as process:
        for name, kind in kinds(folder, process).items():
            if only in (None, name):
                yield attack(kind, name, max(1, tries * kind.share // 1000) if only is None else tries, seed, folder)


def main() -> None:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    print("kind, tried, survived, lost")
    with tempfile.TemporaryDirectory() as folder:
        for outcome in campaign(arguments.tries, arguments.seed, Path(folder), arguments.only):
            print(outcome.line(), flush=True)


if __name__ == "__main__":
    main()
