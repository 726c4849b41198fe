"""The extraction form: names and descriptions are what a reviewer, human or model, is told. Change all of it."""

from typing import Annotated

from pydantic import Field

from screener.forms import Coded, Group, Item, Near, Quantity, Vocabulary


class Design(Vocabulary):
    """A closed list: each member is its code and the words by which papers speak of it."""

    TRIAL = "randomised_trial", "randomised", "randomized", "randomly assigned"
    COHORT = "cohort", "cohort study", "followed up"
    OTHER = "other"


class Study(Group):
    """Items that are asked for together."""

    design: Annotated[Coded[Design], Near(("study", "design", "trial"))] = Field(
        description="Which design does the study have?"
    )
    participants: Annotated[Item[int], Quantity({"": 1}, near=("participants", "patients", "people"))] = Field(
        description="How many people took part (a count)?"
    )
    funder: Item[str] = Field(description="Who paid for the study, in the words of the report?")


class Form(Group):
    """What is extracted from each study. Rules that hold for all of it stand here."""

    study: Study = Field(description="The study as a whole.")
