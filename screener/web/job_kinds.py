"""The kinds of jobs as people see them: what each is called, who may ask for it, and the page on which it is shown.

What a kind does is in `screener.review.jobs_of_review`; what its page shows of it, in the template `_job_KIND.html`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..team.roles import May


@dataclass(frozen=True)
class JobKind:
    """A kind of jobs. `may` is what one must be allowed to for seeing, starting and stopping it; `href` its page."""

    name: str
    may: May
    href: str


JOB_KINDS: Mapping[str, JobKind] = {
    "audit": JobKind("Audit ZIP", May.EXPORT, "/results"),
    "plan": JobKind("Dry run", May.RUN_MACHINES, "/run"),
    "run": JobKind("Machine run", May.RUN_MACHINES, "/run"),
    "import": JobKind("Import", May.IMPORT, "/import"),
    "attach": JobKind("Matching of full texts", May.ATTACH, "/full-texts"),
    "retrieve": JobKind("Retrieval", May.RUN_MACHINES, "/import"),
    "full_texts": JobKind("Search for full texts", May.RUN_MACHINES, "/full-texts"),
}
"""One that is not named here is for nobody."""
