"""What people read on the page for the ids in the figures; an audit of an earlier page still holds."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from support import Cli
from support.report import figures_in, read_page, section

from screener.reporting.labels import Labels

DOCUMENT = {
    "review": {
        "stages": [{"stage": "fulltext", "criteria": [{"id": "human_ecg", "label": "human ECG"}]}],
    },
    "extraction": {
        "items": [
            {"path": "models.identity.window_s", "label": "Models › Identity › Window (s)", "kind": "number"},
            {"path": "models.code.licence", "label": "Models › Code: licence", "kind": "code"},
        ]
    },
}


def test_a_reason_is_the_criterions_label_and_the_figures_keep_the_id(judged_ecg: Path, cli: Cli) -> None:
    assert cli("report", "--output", "page.html").code == 0
    page = read_page(Path("page.html"))
    reasons = [row["criterion"] for row in figures_in(page)["reasons"]["abstract"]]
    assert "signal" in reasons
    text = section(page, "reasons").text
    assert "not an ECG model" in text
    assert "signal" not in text


def test_labels_of_items_have_the_numbers_of_their_entries() -> None:
    labels = Labels(DOCUMENT)
    assert labels.reason("fulltext", "human_ecg") == "not human ECG"
    assert labels.item("models[1].identity.window_s") == "Models 2 › Identity › Window (s)"
    assert labels.item("models[0].code.licence") == "Models 1 › Code: licence"
    assert labels.item("models.gone_item") == "Models › Gone item"
    assert labels.value({"path": "models[0].code.licence", "value": "cc_by"}) == "cc by"


@pytest.mark.slow
def test_an_audit_of_an_earlier_page_holds(ecg: Path, cli: Cli) -> None:
    """An earlier report had no labels and other prose; its figures are compared, its page is not drawn again."""
    assert cli("run", "--stage", "abstract", "--limit", "5").code == 0
    assert cli("report", "--audit", "--output", "new.zip").code == 0
    assert cli("check", "--audit", "new.zip", "--json").json["page_redrawn"]
    _as_earlier(Path("new.zip"), Path("old.zip"))
    checked = cli("check", "--audit", "old.zip", "--json").json
    assert (checked["verdict"], checked["page_redrawn"]) == ("holds", False)


def _as_earlier(new: Path, old: Path) -> None:
    """Write the archive anew as it would have been before labels: other methods text, no labels, no version of the page."""
    with zipfile.ZipFile(new) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    recorded = json.loads(files["figures.json"])
    whole = json.dumps(recorded, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    recorded["methods"] = ["Earlier words."]
    for stage in recorded["review"]["stages"]:
        for criterion in stage["criteria"]:
            del criterion["label"]
    embedded = json.dumps(recorded, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    page = files["report.html"].decode()
    assert whole in page
    files["report.html"] = page.replace(whole, embedded).encode()
    files["figures.json"] = json.dumps(recorded).encode()
    manifest = json.loads(files["manifest.json"])
    del manifest["page"]
    for one in manifest["members"]:
        if (name := one["name"]) in ("figures.json", "report.html"):
            one |= {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
    files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(old, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
