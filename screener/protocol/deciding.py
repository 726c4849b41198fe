"""Who decides a record at a stage, what a machine must reach first, and the names of common ways to work."""

from typing import Literal

from pydantic import Field

from ..core.frozen import Frozen

Workflow = Literal["two_people", "person_and_machine", "two_models", "machine_with_gate"]


class DecidedBy(Frozen):
    """Who decides a record at a stage."""

    humans: int = Field(default=2, ge=0, le=5)
    """How many independent human judgements make a decision, if they agree."""
    machine: str | None = None
    """The reviewer whose decision counts where humans have not decided; final only if its gate is open."""
    machine_as: Literal["suggestion", "second_reviewer", "first"] = Field(
        default="suggestion", exclude_if=lambda value: value == "suggestion"
    )
    """Set by the workflow, and by nothing else. `person_and_machine`: as `second_reviewer` the machine has to decide as the one
    person did, else it is a conflict. `machine_with_gate`: where it judges `first`, an open gate makes its exclusions final, and
    people decide on what it keeps."""
    second: str | None = None
    """At the stage `extraction`: a second machine, which extracts independently of the first. Whoever checks the form is
    shown the items on which the two differ, with the quotes of both."""
    resolvers: tuple[str, ...] = ()
    """The people who may resolve conflicts; nobody named: anybody may."""

    @property
    def second_reviewer(self) -> str | None:
        """Return the machine that is the second reviewer beside one person; None where there is none."""
        return self.machine if self.machine_as == "second_reviewer" else None


class Gate(Frozen):
    """What a machine reviewer must reach on locked, human, random `test` gold before its exclusions are final."""

    recall_low: float = Field(gt=0, lt=1)
    """The least lower bound of recall (Wilson); what is unclear counts as kept."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """The two-sided confidence of the interval that this is the lower bound of at the first check of a test sample. Later
    checks are stricter, so that all checks of a sample together hold at this confidence."""
