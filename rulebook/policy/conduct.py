"""Sections on conduct: notices, appeals, penalties, disputes, transactions, feedback (PN, AP, DP, TM, AF, BX)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.policy.core import Row, Section


@dataclass(frozen=True, slots=True)
class LadderStep(Row):
    """What follows when nobody acts on a red notice for ``after_hours`` hours since its trigger (PN-14)."""

    after_hours: int
    action: str


@dataclass(frozen=True, slots=True)
class Notices(Section):
    """Performance notices (PN-01 to PN-37)."""

    keep_days: int
    yellow_channels: tuple[str, ...]
    red_channels: tuple[str, ...]
    extra_channels: tuple[str, ...]
    open_hours: int
    open_reminder_hours: tuple[int, ...]
    red_restrictions: tuple[str, ...]
    monthly_red_limit: int
    ladder: tuple[LadderStep, ...]
    suspend_metric: str
    suspend_line: Decimal
    suspend_days: int
    promotion_clear_days: int
    promotion_min_rating: Decimal
    promotion_min_shs: Decimal
    clear_streak_days: int
    clear_within_days: int
    rectify_days: int
    plan_days: int
    plan_verify_days: int
    copyright_red_count: int
    copyright_window_days: int
    image_near_bits: int
    sync_grace_hours: int
    silence_factor: Decimal
    silence_min_hours: int
    silence_learned_days: int
    rectify_targets: Mapping[str, str]
    reply_any_languages: tuple[str, ...]
    detect_min_letters: int
    detect_min_probability: Decimal
    template_languages: tuple[str, ...]
    trace_keep_days: int
    carrier_dependence_share: Decimal
    carrier_dependence_days: int
    unopened_banner_days: int
    manipulation_minutes: int
    manipulation_burst: int
    manipulation_burst_hours: int
    manipulation_penalty_days: int


@dataclass(frozen=True, slots=True)
class Appeals(Section):
    """Appeals and their evidence (PN-08, PN-09, PN-16, PN-28 to PN-29, AP, BX-05)."""

    window_days: int
    review_hours: int
    complex_working_days: int
    supplement_days: int
    claim_minutes: int
    expedited_hours: int
    expedited_cost: int
    expedited_levels: tuple[str, ...]
    max_files: int
    max_file_bytes: int
    pdf_max_pages: int
    jpeg_max_megapixels: int
    boilerplate_share: Decimal
    second_window_days: int
    reminder_hours: tuple[int, ...]
    exception_evidence: Mapping[str, tuple[str, ...]]
    rejection_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointsStep(Row):
    """What a number of penalty points within a calendar year brings; ``days`` 0: a case, not a period (PN-43)."""

    points: int
    days: int
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promotion(Row):
    """A promotion of the calendar (PN-12): registration is open, and it runs, on the days from … to, both included, in
    Asia/Shanghai."""

    code: str
    name_en: str
    name_zh: str
    register_from: date
    register_until: date
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class Penalties(Section):
    """Penalties and promotions (PN-12, PN-42, PN-43, DM-11). ``forbidding``: the kinds of penalties that keep a store
    out, by what it registers for."""

    points_ladder: tuple[PointsStep, ...]
    two_reviewers: tuple[str, ...]
    proposal_hours: int
    reward_points_a_year: int
    forbidding: Mapping[str, tuple[str, ...]]
    promotions: tuple[Promotion, ...]


@dataclass(frozen=True, slots=True)
class Disputes(Section):
    """Disputes, liability levels and their penalties (DP)."""

    young_store_days: int
    level_penalties: Mapping[str, tuple[str, ...]]
    level_end_days: int
    linked_near_share: Decimal
    ad_premium_from: Decimal
    ad_premium_to: Decimal
    withdrawal_freeze_max_days: int
    delist_min_disputes: int
    delist_min_share: Decimal
    relist_hours: int
    appeal_hours: int
    evidence_kinds: tuple[str, ...]
    supporting_kinds: tuple[str, ...]
    needed_evidence: Mapping[str, tuple[str, ...]]
    golden_hours: int
    late_hours: int
    answer_days: int
    settle_days: int
    reopen_days: int
    golden_success: Decimal
    late_success: Decimal
    commission_line: Decimal
    commission_months: int
    commission_surcharge: Decimal
    commission_categories: Mapping[str, Decimal]
    insurance_surcharge: Decimal
    platform_dispute_rate: Decimal
    trace_silent_hours: int
    size_tolerance_cm: Decimal
    arbitration_hours: int
    arbitration_working_days: int
    official_lowers: Decimal
    tolerance_lowers: Decimal
    wrong_number_share: Decimal
    worst_categories: tuple[str, ...]
    worst_categories_rate: Decimal


@dataclass(frozen=True, slots=True)
class RiskFlag(Row):
    """One of the seventeen risk flags (TM-14): ``severity`` red or yellow; ``due_hours`` after raising, 0 for none."""

    code: str
    severity: str
    due_hours: int
    action_en: str
    action_zh: str


@dataclass(frozen=True, slots=True)
class Transactions(Section):
    """Order life cycle, logistics, funds, refunds, risk (TM)."""

    recheck_silence_hours: int
    funds_review_day: int
    funds_review_hour_utc: int
    funds_release_day: int
    funds_release_hour_utc: int
    warn_ahead_hours: int
    risk_weights: Mapping[str, int]
    risk_top_share: Decimal
    risk_red_score: int
    fake_dispatch_days: int
    fake_dispatch_points: int
    fake_dispatch_close_count: int
    fake_dispatch_window_days: int
    trade_window_days: int
    proof_review_hours: int
    claim_review_hours: int
    refund_answer_days: int
    refund_refuse_reasons: tuple[str, ...]
    inspect_hours: int
    dispatch_soon_hours: int
    low_star_late_days: int
    buyer_return_share: Decimal
    buyer_return_min_orders: int
    risk_flags: tuple[RiskFlag, ...]


@dataclass(frozen=True, slots=True)
class Feedback(Section):
    """Automatic feedback, confirmation and valid traces (AF)."""

    confirm_days: int
    confirm_days_other: int
    trace_window_hours: int
    trace_min_events: int
    trace_silence_hours: int
    late_review_days: int
    guide_days: int
    second_guide_days: int
    second_guide_usd: Decimal
    second_guide_flags: tuple[str, ...]
    second_guide_categories: tuple[str, ...]
    soliciting_ladder: tuple[str, ...]
    soliciting_points: int
    soliciting_warning_days: int
    target_trace_complete: Decimal
    target_reply_hours: int
    target_scan_interval_hours: int


@dataclass(frozen=True, slots=True)
class Privacy(Section):
    """After how many days data of buyers is removed (RL-14); orders age from their creation, evidence from the end of
    its case. Without ``message_days`` messages are kept for ever (PN-27)."""

    address_days: int
    text_days: int
    rejected_days: int
    evidence_days: int
    message_days: int | None = None


@dataclass(frozen=True, slots=True)
class Beyond(Section):
    """What no marketplace gives its sellers (BX). ``wilson_z`` is the normal quantile of ``confidence``."""

    confidence: Decimal
    wilson_z: Decimal
    quality_sample_share: Decimal
    reminder_hours: tuple[int, ...]
    chain_hours: int
    impact_days: int
    impact_sizes: tuple[int, ...]
    announce_days: int
