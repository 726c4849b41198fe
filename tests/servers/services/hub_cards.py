"""The Hub and Zenodo as a search for ECG finds them: models and data sets that are invented, with cards of several kinds."""

from typing import Any

from .huggingface import HubApi, hub_model
from .zenodo import ZenodoApi, zenodo_record

MODELS = 114
RECORDS = 9
ZENODO_QUERY = "metadata.title:(pretrained AND (ECG OR electrocardiogram)) AND metadata.publication_date:[2018 TO 2025]"
_ON = "# synthetic encoder {n}\nPre-trained by self-supervised learning on 12-lead electrocardiograms; detects arrhythmia."
_OFF = "# synthetic chat model {n}\nECG stands for Emotional Conversation Generator: a chat bot for games, in English."
_SHORT = "# synthetic model {n}\nAn ECG foundation model."
KINDS = ("tagged", "doi", "two", "none", "off", "short", "no_card")
"""What a model's card is like, in turn: on topic with a tag of arXiv, a DOI in the text, two papers, or none; off topic; too
short to tell; no card at all."""


def kind_of(number: int) -> str:
    """What the card of a model is like."""
    return KINDS[number % len(KINDS)]


def _fields(number: int) -> dict[str, Any]:
    paper = f"2499.{number:05}"
    return {
        "tagged": {"tags": ["ecg", f"arxiv:{paper}"]},
        "two": {"tags": ["ecg", f"arxiv:{paper}", "doi:10.57967/hf/1"]},
        "no_card": {"files": ()},
    }.get(kind_of(number), {})


def _card(number: int) -> str:
    on = _ON.format(n=number)
    return {
        "tagged": on,
        "doi": f"{on}\nCite https://doi.org/10.5555/synthetic.{number} and the data https://doi.org/10.13026/synthetic.",
        "two": f"{on}\nAfter https://arxiv.org/abs/2498.{number:05}v2.",
        "none": on,
        "off": _OFF.format(n=number),
        "short": _SHORT.format(n=number),
    }.get(kind_of(number), "")


def hub_of_ecg(models: int = MODELS) -> HubApi:
    """The Hub with models whose names have ECG in them, of all kinds in turn."""
    listed = [hub_model(number, **_fields(number)) for number in range(models)]
    cards = {model["id"]: card for number, model in enumerate(listed) if (card := _card(number))}
    return HubApi(listed, cards=cards)


def zenodo_of_ecg(records: int = RECORDS) -> ZenodoApi:
    """Zenodo with data sets, of which every third names its paper."""
    return ZenodoApi(
        [
            zenodo_record(
                number, title=f"synthetic pretrained ECG {number}", description="<p>Signals of 12-lead ECG, pretrained.</p>",
                related_identifiers=[{"relation": "isSupplementTo", "identifier": f"10.5555/synthetic.z{number}", "scheme": "doi"}]
                if number % 3 == 0 else [],
            )
            for number in range(700, 700 + records)
        ],
        query=ZENODO_QUERY,
    )  # fmt: skip
