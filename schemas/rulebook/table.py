"""What every table of a rulebook has in common (SPEC 11)."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.rulebook.refusals import MISSING, Unknown
from schemas.rulebook.values import Text


class Table(BaseModel):
    """A table of the rulebook: frozen, every key known, every key required that has no default.

    `source` says where its numbers come from; it is no rule, so the fingerprint leaves it out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Text = Field(default="", exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _mark_keys(cls, data: object) -> object:
        """Put marks where keys are missing or unknown, so that each is reported beside the other faults."""
        if not isinstance(data, dict):
            return data
        fields = cls.model_fields
        missing = {name: MISSING for name, field in fields.items() if field.is_required() and name not in data}
        marked = {key: value if key in fields else Unknown(value, tuple(fields)) for key, value in data.items()}
        return marked | missing
