"""What programs say about appeals (AP-01)."""

from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from appeals.rules import AppealKind, ExceptionType
from appeals.services.drafting import MOST_LETTERS, MOST_ORDERS

# PostgreSQL refuses text with NUL.
Text = Annotated[str, Field(max_length=MOST_LETTERS), AfterValidator(lambda text: text.replace("\x00", ""))]
Key = Annotated[str, Field(max_length=64), AfterValidator(lambda text: text.replace("\x00", ""))]
READ_VERSION = "The version that was read; the appeal stays as it is if somebody changed it since"


class AppealStart(Schema):
    """What an appeal is against."""

    model_config = ConfigDict(extra="forbid")
    kind: AppealKind
    subject: Key = Field(
        description="Number of the notice, of the order with the review, or of the dispute",
        examples=["PN20261130-000001"],
    )


class OrderClaim(Schema):
    """An order that should not count, and why."""

    model_config = ConfigDict(extra="forbid")
    order_no: Key = Field(examples=["8199633578334501"])
    exception: ExceptionType
    claim: Text = Field("", description="What happened", examples=["Handed over in time, scanned 3 days later"])


class AppealDraft(Schema):
    """All of a draft but its files."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(description=READ_VERSION, ge=0, lt=2**31, examples=[0])
    orders: list[OrderClaim] = Field(max_length=MOST_ORDERS)
    statement: Text
    named_error: Text = Field("", description="Of a second appeal: what the first decision got wrong")


class AppealChange(Schema):
    """The state that was read."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(description=READ_VERSION, ge=0, lt=2**31, examples=[2])


class AppealSubmission(AppealChange):
    """A draft to be handed in."""

    expedited: bool = Field(False, description="Spends reward points (PN-16)")


class AppealSupplement(AppealChange):
    """What a reviewer asked for, order by order."""

    answers: dict[str, Text] = Field(default={}, description="By order number", max_length=MOST_ORDERS)
    given_up: list[Key] = Field(default=[], description="Orders that are claimed no longer", max_length=MOST_ORDERS)
