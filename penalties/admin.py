"""Staff pages of penalties: read-only tables, and the pages on which two people decide (PN-42, PG-20)."""

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.queries.proposals import open_proposal_count
from penalties.views import proposals, proposing
from stores.adminbase import StoreRowAdmin
from stores.desk import add_desk_page


@admin.register(Penalty)
class PenaltyAdmin(StoreRowAdmin):
    """Penalties are read here; lifting one is proposed on a page of its own."""

    list_display = ("store", "kind", "subject", "source", "cause", "starts_at", "ends_at", "ended_at", "ending")
    list_filter = ("kind", "source", "ending", "predicted")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("<int:pk>/lift/", view(proposing.lift), name="penalties_penalty_lift"), *super().get_urls()]


@admin.register(PenaltyProposal)
class PenaltyProposalAdmin(StoreRowAdmin):
    """Proposals are read here and decided on pages of their own."""

    list_display = ("id", "store", "action", "kind", "subject", "state", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("state", "action", "kind")
    list_select_related = ("store", "proposed_by", "decided_by")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("queue/", view(proposals.proposal_list), name="penalties_penaltyproposal_queue"),
            path("next/", view(proposals.claim_next), name="penalties_penaltyproposal_next"),
            path("propose/", view(proposing.propose), name="penalties_penaltyproposal_propose"),
            path("<int:pk>/decide/", view(proposals.proposal_page), name="penalties_penaltyproposal_decide"),
            *super().get_urls(),
        ]


@admin.register(PointsEntry)
class PointsEntryAdmin(StoreRowAdmin):
    """Points are read here; lifting some is proposed on a page of its own."""

    list_display = ("store", "points", "source", "cause", "rule", "at", "lifted_at")
    list_filter = ("source", "predicted")

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(proposing.lift_points)
        return [path("<int:pk>/lift/", lift, name="penalties_pointsentry_lift"), *super().get_urls()]


add_desk_page(
    "proposals", "admin:penalties_penaltyproposal_queue", _("Four eyes"), place=65, waiting=open_proposal_count
)
