"""Who judged a record before its abstract was looked up finds it again and is told; the decision stands."""

from pathlib import Path

import pytest
from support.web_app import Running

from screener.ledger import Ledger, add_files
from screener.ledger.enrichments import Enrichment, add_enrichments
from screener.records import Entry, FileRead, Hit

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")


def test_a_decision_without_the_abstract_is_listed_and_told_until_it_is_saved_again(folder: Path, ada: Running) -> None:
    ledger = Ledger.of(folder / ".screener")
    listed = "/records?stage=abstract&show=without_abstract"
    told = "was made without this abstract"
    bare = Entry(title="synthetic encoders of the ECG", doi="10.5555/bare", given_id="bare")
    hit = Hit(source="Base", row=1, entry=bare)
    add_files(ledger, [FileRead(path="b", format="csv", source="Base", sha256="b", hits=(hit,), rejected=())])
    for name in ("bare", "r1"):
        assert ada.post("/screen/abstract/decide", record=name, **{"answer.signal": "no"}).status_code == 200
    assert "synthetic encoders" not in ada.get(listed).text
    found = Entry(title=bare.title, abstract="Synthetic abstract: a network was trained on one million signals.")
    add_enrichments(ledger, [Enrichment("bare", "OpenAlex", found, "doi")], "ada")
    ledger.close()
    page = ada.get(listed).text
    assert "synthetic encoders" in page
    assert "Paper 1 on the ECG" not in page
    card = ada.get("/screen/abstract/card", record="bare").text
    assert "OpenAlex" in card
    assert told in card
    text = card.partition('name="text" value="')[2].partition('"')[0]
    stood = card.partition('name="stood" value="')[2].partition('"')[0]
    saved = ada.post("/screen/abstract/decide", record="bare", text=text, stood=stood, **{"answer.signal": "no"})
    assert saved.status_code == 200
    assert "synthetic encoders" not in ada.get(listed).text
    assert told not in ada.get("/screen/abstract/card", record="bare").text
