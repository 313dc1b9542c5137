"""What is the same for all rows of one export: its instant, the stores they may write, rates, languages."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from core.timebase import performance_day, to_epoch
from intake.canonical import Reading
from intake.pipeline.pricing import Rates
from intake.reading import Manifest
from intake.reading.manifest import find_zone
from orders.languages import LanguageDetector
from rulebook.queries import policy_at
from stores.models import Company, Store

UNASSIGNED = "unassigned"


@dataclass
class IntakeContext:
    """``at``: the instant of the export; ``companies``: ids of the companies whose stores may be written, None for
    operations, who may write all; ``company_id``: the company of stores that name none; ``import_id``: the import that
    brings the rows, noted with those that wait."""

    at: datetime
    now: datetime
    companies: frozenset[int] | None = None
    company_id: int | None = None
    manifest: Manifest = field(default_factory=Manifest)
    import_id: int | None = None
    is_demo: bool = False

    @cached_property
    def at_epoch(self) -> int:
        """The instant of the export, which every row that is written carries (IX-03)."""
        return to_epoch(self.at)

    @cached_property
    def export_day(self) -> date:
        """The performance day of the export."""
        return performance_day(self.at)

    @cached_property
    def reading(self) -> Reading:
        """How cells are read."""
        zone = self.manifest.zone
        return Reading(
            zone=find_zone(zone) if zone else None, flags=frozenset(policy_at(self.now).reference.category_flags)
        )

    def as_of(self, at: datetime) -> "IntakeContext":
        """The same for rows of an earlier export that waited."""
        context = replace(self, at=at, companies=None)
        context.__dict__.update(languages=self.languages, rates=self.rates)
        return context

    @cached_property
    def languages(self) -> LanguageDetector:
        """Detects the language of messages (PN-23)."""
        return LanguageDetector()

    @cached_property
    def rates(self) -> Rates:
        """Exchange rates; `forget_rates` after new ones came."""
        return Rates()

    def forget_rates(self) -> None:
        """Read the rates again before the next order."""
        self.__dict__.pop("rates", None)

    def forget_trial(self) -> None:
        """Forget what was found or made on shadow tables."""
        self.forget_rates()
        self.__dict__.pop("default_company_id", None)

    @property
    def is_operator(self) -> bool:
        """Whether everything is allowed."""
        return self.companies is None

    @cached_property
    def default_company_id(self) -> int:
        """The company of stores that name none: the one chosen for the import, else one made for them."""
        if self.company_id is not None:
            return self.company_id
        company, _made = Company.objects.get_or_create(company_no=UNASSIGNED, defaults={"name": UNASSIGNED})
        return company.pk

    def own_stores(self, store_nos: set[str]) -> set[str]:
        """The stores among these that may be written."""
        found = Store.objects.filter(store_no__in=store_nos, company_id__in=self.companies or ())
        return set(found.values_list("store_no", flat=True))
