"""Staff pages of appeals: the queue, the page on which one is decided, blind reviews, figures (AP-04, AP-06, BX-07)."""

from django.contrib import admin
from django.urls import URLPattern, path

from appeals.models import Appeal, AppealFile, AppealOrder, AppealReview
from appeals.views.blind_reviews import blind_queue, blind_review, claim_next_blind
from appeals.views.review import review
from appeals.views.review_figures import figures
from appeals.views.review_queue import claim_next, queue
from stores.adminbase import ReadOnlyAdmin, StoreRowAdmin, register


@admin.register(Appeal)
class AppealAdmin(StoreRowAdmin):
    """Appeals are read here and decided on pages of their own, by the services."""

    list_display = ("number", "store", "kind", "subject_key", "state", "submitted_at", "decided_at", "decided_by")
    list_filter = ("state", "kind", "expedited", "is_complex")
    list_select_related = ("store", "decided_by")
    number_paths = ("number",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("queue/", view(queue), name="appeals_appeal_queue"),
            path("queue/next/", view(claim_next), name="appeals_appeal_next"),
            path("figures/", view(figures), name="appeals_appeal_figures"),
            path("<int:pk>/review/", view(review), name="appeals_appeal_review"),
            *super().get_urls(),
        ]


@admin.register(AppealReview)
class AppealReviewAdmin(ReadOnlyAdmin):
    """What reviewers decided, the blind reviews among them."""

    list_display = ("appeal", "round", "blind", "reviewer", "outcome", "due_at", "decided_at", "agreed")
    list_filter = ("blind", "outcome")
    list_select_related = ("appeal", "reviewer")
    search_fields = ("appeal__number__exact",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("blind/", view(blind_queue), name="appeals_appealreview_blind"),
            path("blind/next/", view(claim_next_blind), name="appeals_appealreview_next"),
            path("blind/<int:pk>/", view(blind_review), name="appeals_appealreview_decide"),
            *super().get_urls(),
        ]


register(AppealOrder, list_display=("appeal", "place", "order", "exception", "decision", "reason_code"))
register(AppealFile, list_display=("appeal", "place", "kind", "name", "round", "added_at"))
