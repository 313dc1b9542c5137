"""The roles of operations staff as groups, made with the tables (DM-02)."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from core.upgrades import tables_are_whole

REVIEWER = "reviewer"
SENIOR_REVIEWER = "senior reviewer"
POLICY_EDITOR = "policy editor"

END_FREEZE = Q(content_type__app_label="metrics", codename="end_ratingfreeze")
RERUN_NIGHT = Q(content_type__app_label="metrics", codename="rerun_night")
RETRY_OUTBOX = Q(content_type__app_label="core", codename="retry_outboxentry")
RETRY_DELIVERY = Q(content_type__app_label="notifications", codename="retry_delivery")
REVOKE_API_CLIENTS = Q(content_type__app_label="api", codename="revoke_apiclient")
REVIEW_APPEALS = Q(content_type__app_label="appeals", codename="review_appeal")
REASSIGN_APPEALS = Q(content_type__app_label="appeals", codename="reassign_appeal")
DECIDE_ARBITRATIONS = Q(content_type__app_label="disputes", codename="decide_arbitration")
REASSIGN_ARBITRATIONS = Q(content_type__app_label="disputes", codename="reassign_arbitration")
APPLY_EVENTS = Q(content_type__app_label="appeals", codename="apply_protectedevent")
DECIDE_CASES = Q(content_type__app_label="orders", codename="decide_riskcase")
REASSIGN_CASES = Q(content_type__app_label="orders", codename="reassign_riskcase")
DECIDE_CLAIMS = Q(content_type__app_label="orders", codename="decide_logisticsclaim")
REASSIGN_CLAIMS = Q(content_type__app_label="orders", codename="reassign_logisticsclaim")
WITHDRAW_CORRECTIONS = Q(content_type__app_label="appeals", codename="withdraw_correctionreport")
END_MANUAL_REVIEW = Q(content_type__app_label="notifications", codename="end_manual_review")
PROPOSE_PENALTIES = Q(content_type__app_label="penalties", codename="propose_penalty")
DECIDE_PROPOSALS = Q(content_type__app_label="penalties", codename="decide_penaltyproposal")
REASSIGN_PROPOSALS = Q(content_type__app_label="penalties", codename="reassign_penaltyproposal")
PENALTIES = PROPOSE_PENALTIES | DECIDE_PROPOSALS
# Everyone reads everything; beyond that:
MORE: dict[str, Q] = {
    REVIEWER: END_FREEZE | REVIEW_APPEALS | DECIDE_ARBITRATIONS | DECIDE_CASES | DECIDE_CLAIMS | PENALTIES,
    SENIOR_REVIEWER: END_FREEZE
    | REVIEW_APPEALS
    | DECIDE_ARBITRATIONS
    | REASSIGN_APPEALS
    | REASSIGN_ARBITRATIONS
    | DECIDE_CASES
    | DECIDE_CLAIMS
    | REASSIGN_CASES
    | REASSIGN_CLAIMS
    | PENALTIES
    | REASSIGN_PROPOSALS
    | APPLY_EVENTS
    | WITHDRAW_CORRECTIONS
    | END_MANUAL_REVIEW
    | RERUN_NIGHT
    | RETRY_OUTBOX
    | RETRY_DELIVERY
    | REVOKE_API_CLIENTS
    | Q(content_type__app_label="stores", codename="change_store"),
    POLICY_EDITOR: Q(content_type__app_label="rulebook", codename="add_policyversion"),
}


def make_roles(sender: AppConfig, using: str, **options: Any) -> None:
    """Make the groups and give them what they need of the app just migrated; what an administrator added stays."""
    if sender.name not in settings.OWN_APPS or not tables_are_whole(options.get("apps"), Permission, Group):
        return
    create_permissions(sender, using=using, verbosity=0, **{k: v for k, v in options.items() if k == "apps"})
    of_app = Permission.objects.using(using).filter(content_type__app_label=sender.label)
    for name, more in MORE.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*of_app.filter(Q(codename__startswith="view_") | more))
