"""Every route of the product and who may use it. A route that is not listed here fails `test_access`.

- `public(…)`: anybody. `signed_in(…)`: anybody with an account; what it shows is the person's own.
- `of_store(…)`: below a store; ``writes=True`` for those that change something. Keyword arguments give the rest of the
  address as a function of the tenant: ``of_store("dashboard:order", order_no=lambda tenant: tenant.order.order_no)``.
- `of_api(…)`, `of_api_store(…)`: of the HTTP API, with its method and the scope that it needs.
- `of_tenant(…)`: below another object of a company, whose address is all given that way; ``missing`` is an address of
  the same kind that leads nowhere.

The admin's routes are one class of their own: for staff with a second factor only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from api.resources import RESOURCES
from tests.stores.world import MEMBERS, WRITERS, Actor, Tenant

Argument = Callable[[Tenant], Any]
MISSING_STORE = "MISSING-STORE-0"
OWNER = frozenset({Actor.OWNER})


def refund_no_of(tenant: Tenant) -> str:
    return f"{tenant.canary}-R"


def return_no_of(tenant: Tenant) -> str:
    return f"{tenant.canary}-B"


@dataclass(frozen=True)
class Route:
    """A route's name, its class and how to make its address."""

    name: str
    access: str
    writes: bool = False
    arguments: dict[str, Argument] = field(default_factory=dict)
    missing: dict[str, Any] = field(default_factory=dict)
    # Answers, beside 200 and redirects, that are right for a bare GET by somebody entitled.
    also: tuple[int, ...] = ()
    # Of a company's own people: who may write, and that oversight doesn't see it.
    writers: frozenset[Actor] = WRITERS
    members_only: bool = False
    # Of the HTTP API: its method and the scope that it needs; none: any token will do.
    method: str = ""
    scope: str = ""

    def address(self, tenant: Tenant) -> dict[str, Any]:
        """The route's arguments for an object of the tenant."""
        return {name: value(tenant) if callable(value) else value for name, value in self.arguments.items()}


def public(name: str, **arguments: Any) -> Route:
    return Route(name, "public", arguments=arguments)


def signed_in(name: str, **arguments: Any) -> Route:
    return Route(name, "signed in", arguments=arguments)


def of_store(name: str, *, writes: bool = False, also: tuple[int, ...] = (), **arguments: Any) -> Route:
    own: dict[str, Any] = {"store_no": lambda tenant: tenant.store.store_no, **arguments}
    return Route(name, "tenant", writes, own, {"store_no": MISSING_STORE}, also)


def of_tenant(
    name: str, *, missing: dict[str, Any], writes: bool = False, also: tuple[int, ...] = (), **arguments: Any
) -> Route:
    return Route(name, "tenant", writes, arguments, missing, also)


def of_api(name: str, method: str, scope: str = "", **arguments: Any) -> Route:
    """Of the HTTP API: `tests/api/test_access.py` tries it with every kind of token."""
    missing = {"store_no": MISSING_STORE} if "store_no" in arguments else {}
    return Route(name, "api", arguments=arguments, missing=missing, method=method, scope=scope)


def of_api_store(name: str, method: str, scope: str = "", **arguments: Any) -> Route:
    return of_api(name, method, scope, store_no=lambda tenant: tenant.store.store_no, **arguments)


def of_file(name: str, **arguments: Any) -> Route:
    return of_tenant(name, missing={"pk": 0}, pk=lambda tenant: tenant.evidence.pk, **arguments)


def of_members(name: str) -> Route:
    """Each member's own in a store, analysts' too."""
    own: dict[str, Any] = {"store_no": lambda tenant: tenant.store.store_no}
    return Route(name, "tenant", True, own, {"store_no": MISSING_STORE}, (405,), MEMBERS)


def of_team(name: str, *, writes: bool = False, **arguments: Any) -> Route:
    """Of a company's people: members read, owners write."""
    own: dict[str, Any] = {"company_no": lambda tenant: tenant.company.company_no, **arguments}
    missing = {"company_no": "MISSING-COMPANY"}
    return Route(name, "tenant", writes, own, missing, (), frozenset({Actor.OWNER}), members_only=True)


def of_settings(name: str, *, writers: frozenset[Actor] = WRITERS, **arguments: Any) -> Route:
    """Of a company's messages and webhooks: owners and managers alone."""
    own: dict[str, Any] = {"company_no": lambda tenant: tenant.company.company_no, **arguments}
    return Route(name, "tenant", True, own, {"company_no": "MISSING-COMPANY"}, (405,), writers, members_only=True)


def connection_of(tenant: Tenant) -> int:
    return tenant.company.connections.get().pk


def webhook_of(tenant: Tenant) -> int:
    return tenant.company.webhooks.get().pk


def source_of(tenant: Tenant) -> int:
    return tenant.store.sources.get().pk


def subscription_of(tenant: Tenant) -> int:
    return tenant.company.report_subscriptions.get().pk


def export_of(tenant: Tenant) -> int:
    return tenant.member.exports.get().pk


def store_no_of(tenant: Tenant) -> str:
    return tenant.store.store_no


def client_of_tenant(tenant: Tenant) -> str:
    return tenant.company.api_clients.get().client_id


def of_upload(name: str, *, writes: bool = False) -> Route:
    return of_tenant(name, missing={"import_id": 0}, writes=writes, import_id=lambda tenant: tenant.upload.pk)


def of_list(name: str, **arguments: Any) -> Route:
    """A list of a store as a file."""
    return of_store(name, suffix="csv", **arguments)


def of_profile(name: str, **more: Any) -> Route:
    return of_tenant(
        name, missing={"profile_id": 0}, profile_id=lambda tenant: tenant.company.import_profiles.get().pk, **more
    )


def of_order(name: str, **more: Any) -> Route:
    return of_store(name, order_no=lambda tenant: tenant.order.order_no, **more)


def of_appeal(name: str, **more: Any) -> Route:
    return of_store(name, number=lambda tenant: tenant.appeal.number, **more)


ROUTES = [
    public("healthz"),
    public("readyz"),
    public("monitoring"),
    public("set_language"),
    public("api:metadata"),
    public("api:docs"),
    public("api:token"),
    public("api:revoke"),
    signed_in("api:authorize"),
    public("api-v1:openapi-json"),
    public("api-v1:api-root"),
    of_api("api-v1:account", "get"),
    of_api_store("api-v1:orders", "get", "orders:read"),
    of_api_store("api-v1:order", "get", "orders:read", order_no=lambda tenant: tenant.order.order_no),
    of_api_store("api-v1:problem_orders", "get", "metrics:read"),
    *(of_api_store(f"api-v1:put_{resource.file}", "put", "orders:write") for resource in RESOURCES),
    of_api_store("api-v1:list_scorecards", "get", "metrics:read"),
    of_api_store("api-v1:explain_metric", "get", "metrics:read", day="2026-04-30", metric="late_dispatch"),
    of_api_store("api-v1:list_ratings", "get", "metrics:read"),
    of_api_store("api-v1:list_notices", "get", "notices:read"),
    of_api_store("api-v1:get_notice", "get", "notices:read", number=lambda tenant: tenant.notice.number),
    of_api_store("api-v1:list_notice_orders", "get", "notices:read", number=lambda tenant: tenant.notice.number),
    of_api_store("api-v1:list_penalties", "get", "notices:read"),
    of_api_store("api-v1:get_points", "get", "notices:read"),
    of_api_store("api-v1:list_appeals", "get", "appeals:read"),
    of_api_store("api-v1:get_appeal", "get", "appeals:read", number=lambda tenant: tenant.appeal.number),
    of_api_store("api-v1:post_appeal", "post", "appeals:write"),
    of_api_store("api-v1:put_appeal", "put", "appeals:write", number=lambda tenant: tenant.appeal.number),
    *(
        of_api_store(f"api-v1:{name}", "post", "appeals:write", number=lambda tenant: tenant.appeal.number)
        for name in ("post_submission", "post_supplement", "post_withdrawal", "post_files")
    ),
    of_api_store("api-v1:delete_file", "delete", "appeals:write", number=lambda tenant: tenant.appeal.number, place=1),
    of_api_store("api-v1:list_deadlines", "get", "notices:read"),
    # Sign-in: what each screen does is tested in test_sign_in.
    public("account_email_not_offered"),
    public("account_confirmation_not_offered"),
    public("account_login"),
    public("account_logout"),
    public("account_inactive"),
    public("account_signup"),
    public("account_email"),
    public("account_email_verification_sent"),
    public("account_confirm_login_code"),
    public("account_confirm_email", key="k"),
    public("account_reset_password"),
    public("account_reset_password_done"),
    public("account_reset_password_from_key", uidb36="1", key="k"),
    public("account_reset_password_from_key_done"),
    public("mfa_authenticate"),
    public("mfa_login_webauthn"),
    signed_in("account_reauthenticate"),
    signed_in("account_change_password"),
    signed_in("account_set_password"),
    signed_in("mfa_index"),
    signed_in("mfa_reauthenticate"),
    signed_in("mfa_activate_totp"),
    signed_in("mfa_deactivate_totp"),
    signed_in("mfa_view_recovery_codes"),
    signed_in("mfa_generate_recovery_codes"),
    signed_in("mfa_download_recovery_codes"),
    signed_in("mfa_list_webauthn"),
    signed_in("mfa_add_webauthn"),
    signed_in("mfa_reauthenticate_webauthn"),
    signed_in("mfa_remove_webauthn", pk=1),
    signed_in("mfa_edit_webauthn", pk=1),
    signed_in("usersessions_list"),
    signed_in("stores:profile"),
    public("stores:invitation", token="forged"),
    # Nothing is there once there are people: test_setup.
    public("stores:setup"),
    signed_in("dashboard:stores"),
    signed_in("dashboard:counting"),
    signed_in("dashboard:search"),
    of_team("dashboard:team"),
    of_team("dashboard:member_role", writes=True, user_id=lambda tenant: tenant.member.pk),
    of_team("dashboard:member_remove", writes=True, user_id=lambda tenant: tenant.member.pk),
    of_team("dashboard:member_ownership", writes=True, user_id=lambda tenant: tenant.member.pk),
    of_team("dashboard:invitation_withdraw", writes=True, invitation_id=lambda tenant: tenant.invitation.pk),
    of_settings("dashboard:message_routes"),
    of_settings("dashboard:message_schedule"),
    of_settings("dashboard:message_chain"),
    of_settings("dashboard:channel_test", channel="mail", writers=MEMBERS),
    of_settings("notifications:connection_add", channel="dingtalk"),
    of_settings("notifications:connection", connection_id=connection_of),
    of_settings("notifications:connection_test", connection_id=connection_of),
    of_settings("notifications:connection_remove", connection_id=connection_of),
    of_settings("notifications:webhooks"),
    of_settings("reports:reports"),
    of_settings("reports:preview"),
    of_settings("reports:send", subscription_id=subscription_of),
    of_settings("reports:remove", subscription_id=subscription_of),
    public("reports:unsubscribe", token="forged"),
    of_settings("notifications:webhook", webhook_id=webhook_of),
    of_settings("api:clients", writers=OWNER),
    of_settings("api:client", client_id=client_of_tenant, writers=OWNER),
    of_settings("api:client_act", client_id=client_of_tenant, action="secret", writers=OWNER),
    of_settings("notifications:webhook_act", webhook_id=webhook_of, action="off"),
    of_store("dashboard:panel"),
    of_store("dashboard:what_if"),
    of_store("dashboard:rating"),
    of_store("dashboard:rating_changes"),
    of_store("dashboard:metric", code="odr"),
    of_store("dashboard:metric_chart", code="odr"),
    of_list("dashboard:problems_file", code="odr"),
    of_store("dashboard:causes", code="odr"),
    of_store("dashboard:gap", code="late_dispatch"),
    of_store("dashboard:gap_letter", code="late_dispatch"),
    of_list("dashboard:gap_orders_file", code="late_dispatch"),
    of_store("dashboard:faults", code="odr"),
    of_store("dashboard:trade"),
    of_list("dashboard:trade_file"),
    of_store("dashboard:carriers"),
    of_store("dashboard:carrier_register"),
    of_store("dashboard:platform"),
    of_store("dashboard:platform_entry", writes=True),
    of_store("dashboard:events", code="odr"),
    of_store("dashboard:package", code="odr"),
    signed_in("notifications:messages"),
    signed_in("notifications:message", message_id=lambda tenant: tenant.notice.messages.get().pk),
    signed_in("notifications:message_resend", message_id=lambda tenant: tenant.notice.messages.get().pk),
    signed_in("notifications:preferences"),
    signed_in("notifications:preferences_test"),
    signed_in("notifications:phone"),
    signed_in("notifications:phone_confirm"),
    signed_in("notifications:phone_remove"),
    signed_in("notifications:phone_test"),
    signed_in("notifications:browser_add"),
    signed_in("notifications:browser_remove", key="0" * 64),
    signed_in("notifications:browser_test", key="0" * 64),
    signed_in("notifications:quiet_hours"),
    public("notifications:service_worker"),
    public("notifications:unsubscribe", token="WzEsIm5ld3MiXQ:forged"),
    of_store("notifications:list"),
    of_store("penalties:penalties"),
    of_store("penalties:promotions"),
    of_list("dashboard:notices_file"),
    signed_in("notifications:messages_file", suffix="csv"),
    signed_in("exports:exports"),
    signed_in("exports:new"),
    signed_in("exports:export", export_id=export_of),
    signed_in("exports:file", export_id=export_of),
    signed_in("exports:cancel", export_id=export_of),
    of_store("dashboard:listings"),
    of_store("dashboard:listing", sku=lambda tenant: f"{tenant.canary}-SKU"),
    of_store("dashboard:disputes"),
    of_store("dashboard:dispute", dispute_no=lambda tenant: f"{tenant.canary}-D"),
    of_store("dashboard:dispute_answer", writes=True, dispute_no=lambda tenant: f"{tenant.canary}-D"),
    of_store("dashboard:dispute_upload", writes=True, dispute_no=lambda tenant: f"{tenant.canary}-D"),
    of_store("dashboard:dispute_case_file", dispute_no=lambda tenant: f"{tenant.canary}-D"),
    of_store("dashboard:replies"),
    of_store("dashboard:risk"),
    of_store("dashboard:risk_lane", code="dispute_open"),
    of_store("dashboard:risk_score"),
    of_store("dashboard:plan", also=(409,), number=lambda tenant: tenant.notice.number),
    of_store("dashboard:notice_team", number=lambda tenant: tenant.notice.number),
    of_store("appeals:events"),
    of_store("appeals:correction", cause_no=lambda tenant: tenant.correction.cause_no),
    of_list("appeals:correction_file", cause_no=lambda tenant: tenant.correction.cause_no, place=1),
    of_store("dashboard:notice", number=lambda tenant: tenant.notice.number),
    of_store("dashboard:notice_case_file", number=lambda tenant: tenant.notice.number),
    of_list("dashboard:notice_orders_file", number=lambda tenant: tenant.notice.number),
    of_store("dashboard:orders"),
    of_list("dashboard:orders_file"),
    of_list("dashboard:disputes_file"),
    of_list("dashboard:reviews_file"),
    of_list("dashboard:listings_file"),
    of_list("dashboard:held_funds_file"),
    of_list("dashboard:settlements_file"),
    of_list("dashboard:risk_lane_file", code="dispute_open"),
    of_list("dashboard:scorecards_file"),
    of_list("dashboard:ratings_file"),
    of_list("dashboard:deadlines_file"),
    of_list("orders:messages_file"),
    of_list("orders:refunds_file"),
    of_list("orders:logistics_file"),
    of_list("appeals:list_file"),
    of_list("penalties:penalties_file"),
    of_list("penalties:points_file"),
    signed_in("dashboard:stores_file", suffix="csv"),
    signed_in("intake:imports_file", suffix="csv"),
    of_store("dashboard:order_actions", writes=True, also=(405,)),
    of_members("dashboard:saved_filters"),
    of_store("dashboard:dispatch", writes=True),
    of_store("dashboard:parcels", writes=True, also=(405,), order_no=lambda tenant: tenant.order.order_no),
    of_store("dashboard:order", order_no=lambda tenant: tenant.order.order_no),
    of_store("orders:logistics"),
    of_store("orders:order_logistics", order_no=lambda tenant: tenant.order.order_no),
    of_store("disputes:order_panel", order_no=lambda tenant: tenant.order.order_no),
    of_store("dashboard:reviews"),
    of_store("orders:messages"),
    of_order("orders:thread"),
    of_order("orders:thread_panel"),
    of_order("orders:thread_preview", writes=True),
    of_store("orders:reply_templates"),
    of_store("orders:reply_template_new", writes=True),
    of_store("orders:reply_template", writes=True, pk=lambda tenant: tenant.company.reply_templates.get().pk),
    of_store("orders:reply_template_remove", writes=True, pk=lambda tenant: tenant.company.reply_templates.get().pk),
    of_store("orders:guides"),
    of_store("orders:guide", stage="first", language="en"),
    of_store("orders:refunds"),
    of_store("dashboard:funds"),
    of_store("orders:order_refunds", order_no=lambda tenant: tenant.order.order_no),
    of_store("orders:refund", refund_no=refund_no_of),
    of_store("orders:refund_answer", writes=True, refund_no=refund_no_of),
    of_store("orders:refund_upload", writes=True, refund_no=refund_no_of),
    of_store("orders:refund_file_remove", writes=True, refund_no=refund_no_of),
    of_store("orders:return", return_no=return_no_of),
    of_store("orders:return_answer", writes=True, return_no=return_no_of),
    of_store("orders:return_upload", writes=True, return_no=return_no_of),
    of_store("orders:return_file_remove", writes=True, return_no=return_no_of),
    of_file("evidence:file"),
    of_file("evidence:page", page=1),
    of_store("appeals:list"),
    of_store("appeals:start", kind="notice", key=lambda tenant: tenant.notice.number),
    of_appeal("appeals:appeal"),
    of_appeal("appeals:orders", writes=True),
    of_appeal("appeals:statement", writes=True),
    of_appeal("appeals:evidence", writes=True),
    of_appeal("appeals:check", writes=True),
    of_appeal("appeals:confirm", writes=True),
    of_appeal("appeals:effect", writes=True),
    of_appeal("appeals:upload", writes=True),
    of_appeal("appeals:remove_file", writes=True),
    of_appeal("appeals:case_file"),
    of_appeal("appeals:case_file_attach", writes=True),
    of_appeal("appeals:supplement", writes=True),
    of_appeal("appeals:withdraw", writes=True),
    signed_in("intake:index"),
    signed_in("intake:health"),
    signed_in("intake:buyers"),
    of_store("intake:source_interval", writes=True, source_id=source_of),
    of_store("dashboard:sync"),
    Route("intake:template", "signed in", arguments={"name": "orders"}),
    signed_in("intake:connections"),
    signed_in("intake:connection_authorised"),
    of_tenant("intake:connection", missing={"store": MISSING_STORE}, store=store_no_of),
    of_tenant(
        "intake:connection_act", writes=True, missing={"store": MISSING_STORE}, store=store_no_of, action="pause"
    ),
    of_upload("intake:import"),
    of_tenant(
        "intake:import_map",
        missing={"import_id": 0},
        writes=True,
        import_id=lambda tenant: tenant.company.imports.get(state="asking").pk,
        number=0,
    ),
    signed_in("intake:profiles"),
    of_profile("intake:profile"),
    of_profile("intake:profile_file", also=(405,)),
    of_profile("intake:profile_rename", writes=True),
    of_profile("intake:profile_delete", writes=True),
    of_upload("intake:import_errors"),
    of_upload("intake:import_cancel", writes=True),
    of_upload("intake:import_answer", writes=True),
    of_upload("intake:import_now", writes=True),
    # The rules are one law for all.
    signed_in("rulebook:index"),
    signed_in("rulebook:calendar"),
    signed_in("rulebook:versions"),
    signed_in("rulebook:version", number=1),
    signed_in("rulebook:version_data", number=1),
    signed_in("rulebook:rule", rule_id="MX-01"),
]
