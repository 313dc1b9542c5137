"""What the steps of one import share: its instant, its rights, its rates, what it remarked."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from core.timebase import performance_day, to_epoch
from intake.models import Import
from intake.pipeline.languages import LanguageDetector
from intake.pipeline.pricing import Rates
from intake.reading import Manifest
from stores.models import Company, Store

MOST_REMARKS = 200
UNASSIGNED = "unassigned"


@dataclass
class Run:
    """``companies``: ids of the companies whose stores may be written; None for operators, who may write all."""

    job: Import
    manifest: Manifest
    at: datetime
    now: datetime
    companies: frozenset[int] | None = None
    remarks: list[dict[str, object]] = field(default_factory=list)
    remarks_left_out: int = 0
    # Whether it is being tried on shadows, of which nothing stands.
    is_trial: bool = False
    # Of the stores in the present chunk: the companies that had them before, none where they are new.
    former_companies: dict[str, int | None] = field(default_factory=dict)

    @cached_property
    def at_epoch(self) -> int:
        """The instant of the export, which every row that is written carries (IX-03)."""
        return to_epoch(self.at)

    @cached_property
    def export_day(self) -> date:
        """The performance day of the export."""
        return performance_day(self.at)

    def as_of(self, at: datetime) -> "Run":
        """The same import, taking in rows of an earlier export that waited."""
        run = replace(self, at=at, companies=None)
        run.__dict__.update(languages=self.languages, rates=self.rates)
        return run

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
        """What was found or made on shadows is not there."""
        self.is_trial = False
        self.forget_rates()
        self.__dict__.pop("default_company_id", None)

    def remark(self, text: str, *, file: str = "", line: int | None = None) -> None:
        """Note a doubt for the report; the first MOST_REMARKS are kept, the others counted."""
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append({"file": file, "line": line, "text": text})
        else:
            self.remarks_left_out += 1

    @property
    def is_operator(self) -> bool:
        """Whether everything is allowed."""
        return self.companies is None

    @cached_property
    def default_company_id(self) -> int:
        """The company of stores that name none: the one chosen for the import, else one made for them."""
        if self.job.company_id is not None:
            return self.job.company_id
        company, _made = Company.objects.get_or_create(company_no=UNASSIGNED, defaults={"name": UNASSIGNED})
        return company.pk

    def own_stores(self, store_nos: set[str]) -> set[str]:
        """Those of the stores that the import may write."""
        found = Store.objects.filter(store_no__in=store_nos, company_id__in=self.companies or ())
        return set(found.values_list("store_no", flat=True))
