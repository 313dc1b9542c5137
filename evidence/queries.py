"""Which evidence files there are for whom, and what a file may have."""

from datetime import datetime

from django.http import Http404

from evidence.models import EvidenceFile
from evidence.rules import Limits
from rulebook.queries import policy_at
from stores.access import visible_companies
from stores.principals import Principal


def evidence_limits(at: datetime) -> Limits:
    """The limits in force (PN-08, AP-02)."""
    policy = policy_at(at).appeals
    return Limits(policy.max_file_bytes, policy.max_files, policy.pdf_max_pages, policy.jpeg_max_megapixels)


def get_file(principal: Principal, pk: int) -> EvidenceFile:
    """A file of a company that the principal sees: its members, and reviewers (AP-03). Raises Http404 for others."""
    visible = EvidenceFile.objects.filter(company__in=visible_companies(principal))
    file = visible.select_related("company").filter(pk=pk).first()
    if file is None:
        raise Http404
    return file
