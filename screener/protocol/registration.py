"""The registration of a review, as its protocol has it."""

import datetime
import re
from typing import Any, Self

from pydantic import field_validator, model_validator

from ..core.frozen import Frozen


class Registration(Frozen):
    """Where the review is registered, and where its protocol can be read."""

    registry: str = ""
    """The register, for instance `PROSPERO` or `OSF`."""
    number: str = ""
    """The review's number there."""
    date: str = ""
    """The day of the registration, ISO 8601."""
    protocol: str = ""
    """Where the protocol can be read: an address (`https://…`) or a DOI."""
    statement: str = ""
    """In words, for instance that the review was not registered; a plain text in the place of the keys is one."""

    @field_validator("date", mode="before")
    @classmethod
    def _unquoted(cls, day: Any) -> Any:
        return day.isoformat() if isinstance(day, datetime.date) else day

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.registry) != bool(self.number):
            raise ValueError("`registry` and `number` go together; say in words (`statement`) that there is none")
        if not (self.number or self.protocol or self.statement):
            raise ValueError("says nothing; give `registry` and `number`, `protocol`, or a sentence")
        if self.registry.casefold() == "prospero" and not re.fullmatch(r"CRD\d{8,14}", self.number):
            raise ValueError(f"`{self.number}` is no number of PROSPERO, such as CRD42024500001")
        if self.date:
            try:
                datetime.date.fromisoformat(self.date)
            except ValueError:
                raise ValueError(f"`{self.date}` is no day, such as 2024-03-01") from None
        if self.protocol and not re.fullmatch(r"https?://\S+|(?:doi:)?10\.\d{4,9}/\S+", self.protocol):
            raise ValueError(f"`{self.protocol}` is neither an address nor a DOI")
        return self
