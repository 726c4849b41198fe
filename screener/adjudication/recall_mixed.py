"""How the records of the recall sample are spread over a ranked queue, so that nobody can tell which they are."""

import hashlib
from collections.abc import Sequence

from ..gold.recall import ONE_IN


def mixed_in(ranked: Sequence[str], sample: Sequence[str], seed: str, first: int = 0) -> list[str]:
    """Return the records of a ranked queue with those of a sample among them, each once.

    Of every `ONE_IN` places one is the sample's, in the order of its draw; which one is told by a hash of the seed, so that no
    rhythm shows. A record of the sample that the ranking puts sooner comes sooner. `first` is the number of the queue's first
    place: how many records the reviewer has judged, so that a queue that is made anew goes on in the same pattern.

    Args:
        ranked: records by rank, best first; those of the sample among them or not.
        sample: records of the sample that still wait, in the order of the draw.
        seed: of the draw.
        first: number of the first place.
    """
    order: dict[str, None] = {}
    by_rank, by_draw = iter(ranked), iter(sample)
    for place in range(first, first + len({*ranked, *sample})):
        sources = (by_draw, by_rank) if _of_sample(seed, place) else (by_rank, by_draw)
        name = next((name for source in sources for name in source if name not in order), None)
        if name is None:
            break
        order[name] = None
    return list(order)


def _of_sample(seed: str, place: int) -> bool:
    block, position = divmod(place, ONE_IN)
    digest = hashlib.sha256(f"{seed}:mixed:{block}".encode()).digest()
    return digest[0] % ONE_IN == position
