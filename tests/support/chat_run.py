"""What tests of runs with chat reviewers share."""

import json
from pathlib import Path

from servers import Server
from sqlalchemy import select

from screener.ledger import tables as t
from screener.ledger.store import Ledger


def add_reviewer(review: Path, line: str) -> None:
    protocol = review / "prompts" / "review.yaml"
    text = protocol.read_text()
    protocol.write_text(text.replace("\nreviewers:\n", f"\nreviewers:\n  {line}\n"))


ARGS = ("run", "--stage", "abstract", "--reviewer", "gpt", "--json")


def ledger_rows(review: Path, table: str) -> list[dict]:
    with Ledger.of(review / ".screener").read() as connection:
        return [dict(row) for row in connection.execute(select(t.metadata.tables[table])).mappings()]


def answered(requests: Path, server: Server) -> list[dict]:
    """What a server that works through a batch file would write."""
    import urllib.request

    lines = []
    for line in requests.read_text().split("\n"):
        if line:
            asked = json.loads(line)
            call = urllib.request.Request(server.root + asked["url"], data=json.dumps(asked["body"]).encode())
            with urllib.request.urlopen(call, timeout=10) as answer:
                body = json.load(answer)
            lines.append({"custom_id": asked["custom_id"], "response": {"status_code": 200, "body": body}})
    return lines


def written(path: Path, lines: list[dict]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
