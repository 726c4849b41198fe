"""The page of models and data sets: many judged at once, undone, and linked with what a person types."""

import json
import re
from pathlib import Path

import pytest
from servers.services.huggingface import hub_model
from support.web_app import running

from screener.ledger.intake import add_files
from screener.ledger.store import Ledger
from screener.records import read_file

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")
CARD = "# <b>synthetic</b>\nTrained on the ECG of a heart."


def test_many_are_judged_at_once_and_each_is_linked_with_what_is_typed_beside_it(folder: Path) -> None:
    models = [hub_model(number, readme=CARD, tags=["ecg", f"arxiv:2499.0000{number}"]) for number in (1, 2)]
    (folder / "hub.json").write_text(json.dumps(models))
    ledger = Ledger.of(folder / ".screener")
    add_files(ledger, [read_file(folder / "hub.json")])
    ledger.close()
    with running(folder, "ada") as app:
        page = app.enter().get("/models").text
        ids = re.findall(r'name="tick" value="([^"]+)"', page)
        assert len(ids) == 2
        assert "<b>synthetic" not in page
        assert page.count("Suggested: <strong>on") == 2
        assert app.post("/models", topic="on").status_code == 400
        assert "1 on topic" in app.post("/models", topic="on", tick=ids[0]).text
        assert "arxiv:2499.0000" in app.get("/models", **{"class": "with_publication"}).text
        typed = {f"publication-{ids[0]}": "2499.77777", f"publication-{ids[1]}": ""}
        assert "Linked with arxiv:2499.77777" in app.post("/models/link", model=ids[0], **typed).text
        gone = app.post(
            "/models/unlink", model=ids[0], publication_id="arxiv:2499.77777", **{"class": "with_publication"}
        )
        assert "2499.77777" not in gone.text.split("</nav>")[1]
        assert "Undone: the topic of 1" in app.post("/models/undo").text
        assert app.get("/models").text.count('name="tick" value=') == 2
