"""What the pages share on which staff decide cases and claims."""

from dataclasses import dataclass, field

from stores.claims import Holder


@dataclass(frozen=True, slots=True)
class ClaimBar:
    """What templates/desk/_claim.html reads: who has claimed the row, and whether the reader ``decides`` it now, may
    claim it first, or hand it over to ``colleagues``."""

    holder: Holder | None = None
    decides: bool = False
    claims: bool = False
    colleagues: list[tuple[int, str]] = field(default_factory=list)
