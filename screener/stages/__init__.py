"""What a stage has to judge and where each record stands."""

from ..ledger.store import Ledger
from .kept_agreement import keep

if keep not in Ledger.keepers:
    Ledger.keepers.append(keep)
