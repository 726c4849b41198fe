"""What a stage has to judge and where each record stands."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from ..ledger import Ledger
from .kept_agreement import keep
from .standing_keeper import keep_standings

if TYPE_CHECKING:
    from .adjudications import Adjudicated, AdjudicationCounts, adjudicated, adjudicated_among, against_agreement
    from .agreement import AgreementCounts, agreement_of, by_record, count_agreement, lacks_reason
    from .amendments import Stale, amend, stale, unrecorded
    from .blind import blind_conflicts, blind_judgements
    from .eligible import machine_for, ready
    from .form import form_of
    from .gate_labels import GateData
    from .gates import (
        GateCheck,
        basis,
        check_of,
        count_checks,
        gate_checks,
        gate_data,
        gate_lock,
        stands_on_test,
        unfit,
    )
    from .integrity import IntegrityState, MarkedRecord, integrity_state
    from .kept_agreement import (
        RecordPeople,
        differing,
        lacking_reason,
        people_counts,
        people_of,
        people_where,
        without_reason,
    )
    from .kept_by_people import KeptByPeople
    from .people import canonical_reviewer_name, check_name, check_resolvers, check_third_person, person_name
    from .placed_labels import PlacedLabel, half_of
    from .present import Present
    from .raters import Ratings, independent_ratings
    from .standing import CLASSIFIED, FlowPlace, Standing, Status, place, stand
    from .standing_keeper import differing_standings
    from .state import (
        StageState,
        as_judged,
        ids_for,
        load_stages,
        protocol_fingerprint,
        records_for,
        stages_of,
        standings_at,
    )
    from .venues import (
        RowVerdict,
        VenueRules,
        VenueStanding,
        VenueStandings,
        VenueStatus,
        jcr_excerpts,
        removed_among,
        removed_by_venue,
        venue_restrictions,
        venue_rules_digest,
        venue_standings,
    )
    from .without_abstract import judged_without_abstract
else:
    __getattr__ = on_demand(__name__, __file__)

if keep not in Ledger.keepers:
    Ledger.keepers.append(keep)
__all__ = [
    "CLASSIFIED",
    "Adjudicated",
    "AdjudicationCounts",
    "AgreementCounts",
    "FlowPlace",
    "GateCheck",
    "GateData",
    "IntegrityState",
    "KeptByPeople",
    "Ledger",
    "MarkedRecord",
    "PlacedLabel",
    "Present",
    "Ratings",
    "RecordPeople",
    "RowVerdict",
    "StageState",
    "Stale",
    "Standing",
    "Status",
    "VenueRules",
    "VenueStanding",
    "VenueStandings",
    "VenueStatus",
    "adjudicated",
    "adjudicated_among",
    "against_agreement",
    "agreement_of",
    "amend",
    "as_judged",
    "basis",
    "blind_conflicts",
    "blind_judgements",
    "by_record",
    "canonical_reviewer_name",
    "check_name",
    "check_of",
    "check_resolvers",
    "check_third_person",
    "count_agreement",
    "count_checks",
    "differing",
    "differing_standings",
    "form_of",
    "gate_checks",
    "gate_data",
    "gate_lock",
    "half_of",
    "ids_for",
    "independent_ratings",
    "integrity_state",
    "jcr_excerpts",
    "judged_without_abstract",
    "keep",
    "keep_standings",
    "lacking_reason",
    "lacks_reason",
    "load_stages",
    "machine_for",
    "people_counts",
    "people_of",
    "people_where",
    "person_name",
    "place",
    "protocol_fingerprint",
    "ready",
    "records_for",
    "removed_among",
    "removed_by_venue",
    "stages_of",
    "stale",
    "stand",
    "standings_at",
    "stands_on_test",
    "unfit",
    "unrecorded",
    "venue_restrictions",
    "venue_rules_digest",
    "venue_standings",
    "without_reason",
]
