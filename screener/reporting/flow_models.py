"""The flow's column of models and data sets: entries → on topic → publications → sought, retrieved, assessed.

In the words of PRISMA 2020 these are identified by other methods. The units change: entries are counted until their topic is
judged, publications from then on; a publication that is among the records of the databases is counted there only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ..ledger import hits_by_source
from ..ledger.hub import Hub, HubClass, HubEntry, Topic
from ..ledger.store import Connection
from .flow_box import PHASES, Box, in_column

COLUMN = "models"
UNIT = "models and data sets"
PREFIX = "via_"


@dataclass(frozen=True)
class ModelCounts:
    """Hold what the column is counted from.

    `hits` are the rows of models and data sets by source, `classes` the entries by `HubClass`, each counted by itself.
    `known` publications are among the records of the databases; those in `via_model` came by a model or data set alone.
    """

    hits: Mapping[str, int]
    merged: int
    classes: Mapping[HubClass, int]
    on_topic: int
    known: int
    via_model: frozenset[str]


@dataclass(frozen=True)
class Apart:
    """What of the ledger's rows and records is in that column: so much is not in the other one."""

    hits: Mapping[str, int]
    merged: int
    records: int


def read_model_counts(connection: Connection, hub: Hub, among: Collection[str] | None = None) -> ModelCounts | None:
    """Return what the column is counted from, of all or of some records; None where there are no models or data sets."""
    entries = [entry for entry in hub.entries if among is None or entry.record.id in among]
    # A publication may be new although the model that names it is not: its topic was judged since.
    via_model = frozenset(name for name in hub.screened_via_model if among is None or name in among)
    if not entries and not via_model:
        return None
    named = {name for entry in entries if entry.topic is Topic.ON for name in entry.publications}
    hits = [hit for entry in entries for hit in entry.hits]
    return ModelCounts(
        hits=hits_by_source(connection, hits),
        merged=len(hits) - len(entries),
        classes={name: sum(entry.hub_class is name for entry in entries) for name in HubClass},
        on_topic=sum(entry.topic is Topic.ON for entry in entries),
        known=len(named - hub.via_model),
        via_model=via_model,
    )


def read_apart(
    connection: Connection, hub: Hub, records: Collection[str] | None = None, rows: Collection[int] | None = None
) -> Apart:
    """Return what of all rows and records, or of some, is of models and data sets or came by them."""
    if not hub.entries and not hub.via_hits:
        return Apart({}, 0, 0)
    entries: Sequence[HubEntry] = [entry for entry in hub.entries if records is None or entry.record.id in records]
    via = [name for name in hub.via_model if records is None or name in records]
    hits = {hit for entry in hub.entries for hit in entry.hits} | hub.via_hits
    hits = hits if rows is None else hits & set(rows)
    apart = len(entries) + len(via)
    return Apart(hits_by_source(connection, hits), len(hits) - apart, apart)


def identified(
    counts: ModelCounts, headings: Mapping[str, str], by_rule: Mapping[str, int], following: str
) -> list[Box]:
    """Return the boxes from the entries to the publications; `headings` are those of the sources, by name.

    `by_rule` counts the publications that a rule removes; the others go on to the box `following`.
    """
    classes, removed = counts.classes, counts.merged + counts.classes[HubClass.OFF_TOPIC]
    lacking = classes[HubClass.DOCUMENTED] + classes[HubClass.UNDOCUMENTED]
    with_publication = classes[HubClass.WITH_PUBLICATION]
    total, new, ruled = sum(counts.hits.values()), len(counts.via_model), sum(by_rule.values())
    models = Box("models", PHASES[0], "Models and data sets identified", UNIT, total,
                 tuple((f"{headings[name]}: {name}", n) for name, n in counts.hits.items()), column=COLUMN,
                 leaves=(("models_removed", removed), ("models_open", classes[HubClass.OPEN]), ("models_on_topic", counts.on_topic)))  # fmt: skip
    off = Box("models_removed", PHASES[0], "Models and data sets removed", UNIT, removed,
              (("Not on topic, by humans", classes[HubClass.OFF_TOPIC]), ("Duplicates, merged", counts.merged)),
              enters=(("models", removed),), side=True, column=COLUMN)  # fmt: skip
    waiting = Box("models_open", PHASES[0], "Models and data sets of which nobody has judged the topic", UNIT,
                  classes[HubClass.OPEN], enters=(("models", classes[HubClass.OPEN]),), side=True, column=COLUMN)  # fmt: skip
    on_topic = Box("models_on_topic", PHASES[0], "Models and data sets on topic", UNIT, counts.on_topic,
                   (("Naming a publication", with_publication), ("Naming none", lacking)), enters=(("models", counts.on_topic),),
                   leaves=(("models_without_publication", lacking), ("publications", with_publication)), column=COLUMN)  # fmt: skip
    without = Box("models_without_publication", PHASES[0], "Models and data sets without a publication", UNIT, lacking,
                  (("With a card", classes[HubClass.DOCUMENTED]), ("Without a card", classes[HubClass.UNDOCUMENTED])),
                  notes=("Listed; the protocol decides what becomes of those with a card",) if lacking else (),
                  enters=(("models_on_topic", lacking),), side=True, column=COLUMN)  # fmt: skip
    named = Box("publications", PHASES[0], "Publications that they name", "reports", counts.known + new,
                (("Among the records of other sources, counted there only", counts.known), ("Via model alone", new)),
                notes=(f"Named by {with_publication:,} models and data sets",),
                leaves=(("identified", counts.known), ("via_removed", ruled), (following, new - ruled)), column=COLUMN)  # fmt: skip
    boxes = [models, off, waiting, on_topic, without, named]
    if ruled:
        boxes.append(
            Box("via_removed", PHASES[0], "Via model: removed before screening", "reports", ruled,
                tuple(by_rule.items()), enters=(("publications", ruled),), side=True, column=COLUMN)
        )  # fmt: skip
    return boxes


def via_model(box: Box) -> Box:
    """Return a box of the first column as it is in this one: for publications that came via a model alone."""
    unit = "reports" if box.unit == "records" else box.unit
    return replace(in_column(box, COLUMN, PREFIX, "Via model", "publications"), unit=unit)
