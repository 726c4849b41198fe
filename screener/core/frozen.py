"""The base of values that are read from files or kept in the ledger."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that cannot be changed, and that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
