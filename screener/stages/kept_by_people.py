"""Whether people keep a record, by what they said last: what is not excluded is kept."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class KeptByPeople:
    """Whether each record is kept, by id, after the judgements that were taken in, oldest first.

    Of each person the newest counts. An adjudication outranks judgements; without one, a record is kept that anybody keeps.
    """

    kept: dict[str, bool] = field(default_factory=dict)
    _said: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    _adjudicated: set[str] = field(default_factory=set)

    def take(self, record_id: str, role: str, reviewer: str, keeps: bool) -> None:
        """Take in what a person said of a record in the role of a `human` or an `adjudicator`."""
        if role == "adjudicator":
            self._adjudicated.add(record_id)
            self.kept[record_id] = keeps
            return
        said = self._said[record_id]
        said[reviewer] = keeps
        if record_id not in self._adjudicated:
            self.kept[record_id] = any(said.values())
