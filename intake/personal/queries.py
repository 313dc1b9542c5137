"""Whose buyers' data a person may hand out or erase (RL-14)."""

from django.db.models import QuerySet

from intake.queries import is_operator
from stores.access import OWN, joined_companies
from stores.models import Company
from stores.principals import Principal


def erasable_companies(principal: Principal) -> QuerySet[Company]:
    """Companies that the person owns; all of them for operations who may write every store."""
    companies = Company.objects.all() if is_operator(principal) else joined_companies(principal, OWN)
    return companies.order_by("name", "company_no")
