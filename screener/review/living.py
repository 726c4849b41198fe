"""The methods of a review that goes on after it was published: new exports of its searches, and frozen versions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from ..ledger import Ledger
from ..protocol import Review

if TYPE_CHECKING:
    from ..ledger import FrozenVersion
    from ..ledger.enrichments import EnrichmentCandidate
    from .enriching import EnrichKeywords, EnrichResult
    from .enriching import Progress as EnrichProgress
    from .getting_full_texts import FullTextKeywords, FullTextsResult
    from .getting_full_texts import Progress as FullTextProgress
    from .known_studies import KnownStudies
    from .retrieve_results import RetrieveResult
    from .retrieving import Progress, RetrieveKeywords
    from .updating import UpdateResult
    from .versions import ShownVersion

AnyPath = str | PathLike[str]


class LivingReview(ABC):
    """What `OpenReview` has for updates; it opens the ledger."""

    review: Review

    @property
    @abstractmethod
    def ledger(self) -> Ledger:
        """Return the review's ledger, to read."""

    @abstractmethod
    def _to_write(self) -> Ledger:
        """Return the ledger, opened for writing."""

    def update_source(
        self,
        source: str,
        files: AnyPath | Sequence[AnyPath],
        *,
        who: str = "reviewer",
        many_missing: bool = False,
        dry_run: bool = False,
        encoding: str = "",
    ) -> "UpdateResult":
        """Put files, together the new export of a source's search, in the place of what it gave before.

        New rows are added, changed ones get a newer version, missing ones are marked. With `dry_run` nothing is written. The
        files are in the `encoding`, where it cannot be told.
        Raises `BadInput` for an unknown source, an unreadable file, and where more than half of the rows would be
        marked as gone, unless `many_missing`.
        """
        from .updating import UpdateOptions, update_exports

        paths = [Path(path) for path in ([files] if isinstance(files, str | PathLike) else files)]
        open_ledger = (lambda: self.ledger) if dry_run else self._to_write
        options = UpdateOptions(who, many_missing, dry_run, encoding)
        return update_exports(self.review, open_ledger, paths, source, options)

    def retrieve(
        self, *sources: str, progress: "Progress" = lambda _: None, **options: "Unpack[RetrieveKeywords]"
    ) -> "RetrieveResult":
        """Run the protocol's searches in the databases that can be asked over the network, and enter what they bring.

        Without names all sources are asked; later calls ask for what is new. Options: `dry_run` only counts, `whole` asks
        for everything again, `most_requests` bounds the requests of this call. A source that fails is told in the
        result and stops no other one. `progress` is called after each page. Raises `BadInput` for an unknown source.
        """
        from .retrieving import RetrieveOptions, retrieve

        chosen = RetrieveOptions(**options)
        open_ledger = (lambda: self.ledger) if chosen.dry_run else self._to_write
        return retrieve(self.review, open_ledger, sources, chosen, progress)

    def check_known(self, file: AnyPath) -> "KnownStudies":
        """Compare the known relevant studies of a file with what the searches have found; nothing is written.

        Raises `BadInput` for a file that cannot be read or has no study in it.
        """
        from .known_studies import check_known

        return check_known(self.review, lambda: self.ledger, Path(file))

    def enrich(
        self, *sources: str, progress: "EnrichProgress" = lambda *_: None, **options: "Unpack[EnrichKeywords]"
    ) -> "EnrichResult":
        """Look up what the records of some sources or of all lack: abstracts, DOIs, free full texts, language, retractions.

        What is found is entered as one update, which `import --undo` takes back; no row of a source is changed. Options:
        `dry_run` only counts what would be asked, `most_requests` bounds the requests of this call, `who` is kept with it,
        `services` are those to ask. Raises `BadInput` for an unknown source or service.
        """
        from .enriching import EnrichOptions, enrich

        chosen = EnrichOptions(**options, sources=sources)
        open_ledger = (lambda: self.ledger) if chosen.dry_run else self._to_write
        return enrich(self.review, open_ledger, chosen, progress)

    def enrichment_candidates(self) -> "list[EnrichmentCandidate]":
        """Return the works found by the title of a record on which a person has to decide."""
        from ..ledger.enrichments import enrichment_candidates

        with self.ledger.read() as connection:
            return enrichment_candidates(connection)

    def settle_candidates(
        self, accept: Sequence[int] = (), reject: Sequence[int] = (), *, who: str = "reviewer"
    ) -> list[tuple[int, str]]:
        """Have works fill in the records that they were found for, or not; return each number with the record's id.

        Raises `BadInput` for a number that is none of such a work.
        """
        from .enriching import settle

        return settle(self.review, self._to_write(), accept, reject, who)

    def retrieve_full_texts(
        self, *sources: str, progress: "FullTextProgress" = lambda *_: None, **options: "Unpack[FullTextKeywords]"
    ) -> "FullTextsResult":
        """Look for the full texts of the reports that are sought, of some sources or of all, and attach what is found.

        Options: `dry_run` sends nothing and lists what would be asked, `most_requests` bounds the requests of this call,
        `supplements` are fetched too, `folder` is one that a reference manager exported. `progress` is called after each
        report. Raises `BadInput` for a protocol without full texts and an unknown source.
        """
        from .getting_full_texts import FullTextOptions, get_full_texts

        chosen = FullTextOptions(sources, **options)
        open_ledger = (lambda: self.ledger) if chosen.dry_run else self._to_write
        return get_full_texts(self.review, open_ledger, chosen, progress)

    def freeze(self, name: str, *, who: str = "reviewer", with_open: bool = False) -> "FrozenVersion":
        """Keep figures, protocol and the ledger's position under a name, for good.

        The report of an update shows the studies of a frozen version as previous ones. Raises `BadInput` for a name that is
        taken, and where something waits for a decision, unless `with_open`.
        """
        from .versions import freeze

        return freeze(self._to_write(), self.review, name, who, with_open=with_open)

    def versions(self) -> "tuple[FrozenVersion, ...]":
        """Return the frozen versions, oldest first."""
        from .versions import list_versions

        return list_versions(self.ledger)

    def version(self, name: str) -> "ShownVersion":
        """Return a frozen version with the figures and the protocol that it keeps."""
        from .versions import show_version

        return show_version(self.ledger, name)
