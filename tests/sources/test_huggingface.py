"""The Hugging Face Hub: cards, what they name, data sets, and how many were there by a day."""

import pytest
from servers.services import Fault
from servers.services.huggingface import HubApi, hub_dataset, hub_model

from screener.records import Entry, RecordType, RelationKind
from screener.sources import Client, Search
from screener.sources.huggingface import DATABASE, Usage

CARD = """---
license: mit
---
# Synthetic model
See [the paper](https://arxiv.org/abs/2101.00001v2) and https://huggingface.co/papers/2102.00002.
Data: https://doi.org/10.5555/data.1, this model: https://doi.org/10.57967/hf/7. Not the number 2103.00003.
```bibtex
@article{synthetic, title={Synthetic}, eprint={2104.00004}, doi = {10.5555/Paper.2}, url={https://doi.org/10.48550/arXiv.2105.00005}}
```
"""


def entries(query: str, since: str = "") -> list[Entry]:
    return list(DATABASE.entries(DATABASE.page(Client(), Search(query, since), None).body))


def test_a_model_has_its_card_and_the_works_that_it_names(serve) -> None:
    model = hub_model(1, tags=["ecg", "arxiv:2100.00009", "doi:10.57967/hf/7", "license:mit"])
    serve(HubApi([model], cards={"synthetic/ecg-1": CARD}))
    [entry] = entries("ECG")
    assert entry.type is RecordType.MODEL
    assert entry.authors == ("synthetic",)
    assert entry.abstract.startswith("# Synthetic model See [the paper]")
    assert entry.doi == "10.57967/hf/7"
    assert {relation.kind for relation in entry.relations} == {RelationKind.LINKED}
    assert [relation.identifier for relation in entry.relations] == [
        "arxiv:2100.00009", "arxiv:2101.00001", "arxiv:2102.00002", "arxiv:2104.00004", "arxiv:2105.00005",
        "doi:10.5555/data.1", "doi:10.5555/paper.2",
    ]  # fmt: skip
    assert {(known.kind, known.value) for known in entry.dates} == {
        ("published", "2025-02-02"), ("indexed", "2025-02-02"), ("updated", "2025-02-02"),
    }  # fmt: skip


def test_how_much_a_model_is_used_is_in_the_page_and_not_in_the_entry(serve) -> None:
    serve(HubApi([hub_model(3)]))
    page = DATABASE.page(Client(), Search("ECG"), None)
    assert DATABASE.usage(page.body) == {"huggingface:synthetic/ecg-3": Usage(30, 3)}


def test_the_doi_of_another_repository_in_a_card_is_not_the_models_own(serve) -> None:
    serve(HubApi([hub_model(1)], cards={"synthetic/ecg-1": CARD}))
    [entry] = entries("ECG")
    assert entry.doi is None
    assert "doi:10.57967/hf/7" in [relation.identifier for relation in entry.relations]


def test_data_sets_are_asked_for_by_their_name(serve) -> None:
    server = serve(HubApi([hub_model(1)], [hub_dataset(2)], cards={"datasets/synthetic/ecg-2": "# Synthetic data"}))
    [entry] = entries("datasets: ECG")
    assert (entry.type, entry.abstract) == (RecordType.DATASET, "# Synthetic data")
    assert entry.url == "https://huggingface.co/datasets/synthetic/ecg-2"
    assert server.requests[0].path == "/api/datasets"
    assert entries("models: ECG")[0].type is RecordType.MODEL


def test_a_card_that_is_missing_or_closed_leaves_the_model(serve) -> None:
    api = HubApi(
        [hub_model(1, files=["model.bin"]), hub_model(2), hub_model(3)],
        cards={"synthetic/ecg-3": "x"},
        closed=["synthetic/ecg-3"],
    )
    server = serve(api)
    assert [entry.abstract for entry in entries("ECG")] == ["", "", ""]
    [told] = DATABASE.page(Client(), Search("ECG"), None).warnings
    assert sorted(told.partition(": ")[2].split(", ")) == ["synthetic/ecg-2", "synthetic/ecg-3"]
    assert not [asked for asked in server.requests if "ecg-1/" in asked.path], (
        "a model without the file is not asked for it"
    )


def test_a_card_is_had_where_only_its_page_answers(serve) -> None:
    serve(HubApi([hub_model(1)], cards={"synthetic/ecg-1": "# Raw"}, only_raw=True))
    assert entries("ECG")[0].abstract == "# Raw"


def test_a_web_page_in_the_place_of_a_card_is_no_card(serve) -> None:
    server = serve(HubApi(models=[hub_model(1)], cards={"synthetic/ecg-1": "synthetic card"}))
    server.fail(None, Fault(body=b"<html>Please sign in to this network</html>", headers={"Content-Type": "text/html"}))
    page = DATABASE.page(Client(), Search("ecg"), None)
    assert [entry.abstract for entry in DATABASE.entries(page.body)] == ["synthetic card"]


def test_when_a_model_was_made_is_known(serve) -> None:
    serve(HubApi([hub_model(1, createdAt=f"2025-07-{day:02}T23:59:00.000Z") for day in (12, 13, 14)]))
    days = [day.value for entry in entries("ECG") for day in entry.dates if day.kind == "indexed"]
    assert sorted(days) == ["2025-07-12", "2025-07-13", "2025-07-14"]


def test_what_changed_since_a_day_is_not_only_what_came_since(serve) -> None:
    old = hub_model(1, createdAt="2023-01-01T00:00:00.000Z", lastModified="2025-08-01T00:00:00.000Z")
    server = serve(HubApi([old, hub_model(5, lastModified="2025-05-01T00:00:00.000Z")]))
    assert [entry.title for entry in entries("ECG", since="2025-07-20")] == ["synthetic/ecg-1"]
    assert server.requests[0].params["sort"] == "lastModified"


@pytest.mark.live
def test_the_hub_itself_lists_models_of_the_electrocardiogram() -> None:
    page = DATABASE.page(Client(), Search("ECG"), None)
    found = list(DATABASE.entries(page.body))
    assert page.received == len(found)
    assert all(entry.type is RecordType.MODEL for entry in found)
    print(f"received {page.received} of a first page")
