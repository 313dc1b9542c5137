"""Policy versions: drafts of them, and publishing (DM-30)."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from core.events import record_event
from core.timebase import EPOCH
from rulebook.events import DRAFT
from rulebook.models import PolicyDraft, PolicyDraftSave, PolicyVersion
from rulebook.policy import validate
from rulebook.policy.problems import Problem
from rulebook.queries import latest_version, whole_data
from rulebook.revision import Changes, drafted, real_changes
from rulebook.shipped import SHIPPED

State = PolicyDraft.State


class PolicyRefusedError(ValueError):
    """A version can't be published; ``reasons`` says why, one line each."""

    def __init__(self, reasons: list[Problem]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(map(str, reasons)))


def publish_policy(*, data: Any, effective_from: datetime, author: str, note: str, at: datetime) -> PolicyVersion:
    """Store a new version with the next number; PolicyRefusedError: data not whole, no author, not in the future."""
    reasons = refusals(data=data, effective_from=effective_from, author=author, at=at)
    if reasons:
        raise PolicyRefusedError(reasons)
    try:
        with transaction.atomic():
            last = PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
            return PolicyVersion.objects.create(
                number=last + 1,
                effective_from=effective_from.replace(microsecond=0),
                author=author,
                note=note,
                data=data,
                digest=digest(data),
                created_at=at,
            )
    except IntegrityError as error:
        raise PolicyRefusedError(
            [Problem("number", _("another version was published at the same moment: look at it, then repeat"))]
        ) from error


def refusals(*, data: Any, effective_from: datetime | None, author: str, at: datetime) -> list[Problem]:
    """Every reason why such a version would be refused; empty when it may be published."""
    reasons = validate(data)
    if effective_from is None:
        reasons.append(Problem("effective_from", _("say when it comes into force")))
    elif effective_from <= at:
        reasons.append(Problem("effective_from", _("must lie in the future; versions in force are never changed")))
    if not author.strip():
        reasons.append(Problem("author", _("must be named")))
    return reasons


def install_shipped_policy(*, using: str = "default") -> None:
    """Make version 1 of a fresh database the shipped one, in force since ever; does nothing where it exists."""
    PolicyVersion.objects.using(using).get_or_create(
        number=1,
        defaults={
            "effective_from": EPOCH,
            "author": "Dianwei",
            "note": "",
            "data": SHIPPED,
            "digest": digest(SHIPPED),
            "created_at": EPOCH,
        },
    )


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# ── Drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class SamePersonError(ValueError):
    """Who submitted a draft can't confirm it."""


def open_draft(*, at: datetime, actor: str, changes: Changes | None = None) -> PolicyDraft:
    """A draft over the version published last."""
    base = latest_version()
    kept = real_changes(whole_data(base), changes or {})
    return PolicyDraft.objects.create(base=base, changes=kept, author=actor, created_at=at, saved_by=actor, saved_at=at)


@transaction.atomic
def save_draft(
    *,
    draft: PolicyDraft,
    version: int,
    changes: Changes,
    effective_from: datetime | None,
    note: str,
    at: datetime,
    actor: str,
) -> bool:
    """Keep what a draft changes from now on. False if somebody saved since ``version``, or it is no open draft any
    more; the draft then holds its present state."""
    kept = real_changes(whole_data(draft.base), changes)
    differing = _saved_changes(draft, kept, effective_from, note)
    if not differing and draft.version == version and draft.state == State.OPEN:
        return True
    saved = _move(
        draft, State.OPEN, version, changes=kept, effective_from=effective_from, note=note, saved_by=actor, saved_at=at
    )
    if saved:
        PolicyDraftSave.objects.create(draft=draft, version=draft.version, actor=actor, at=at, changes=differing)
    return saved


def _saved_changes(
    draft: PolicyDraft, changes: Changes, effective_from: datetime | None, note: str
) -> dict[str, list[Any]]:
    keys = sorted({*draft.changes, *changes})
    found = {key: [draft.changes.get(key), changes.get(key)] for key in keys}
    begins = [None if one is None else one.isoformat() for one in (draft.effective_from, effective_from)]
    found |= {"effective_from": begins, "note": [draft.note, note]}
    return {key: pair for key, pair in found.items() if pair[0] != pair[1]}


def rebase_draft(*, draft: PolicyDraft, version: int, at: datetime, actor: str) -> bool:
    """Lay an open draft's changes over the version published last. False as in `save_draft`."""
    base = latest_version()
    kept = real_changes(whole_data(base), draft.changes)
    return _move(draft, State.OPEN, version, base=base, changes=kept, saved_by=actor, saved_at=at)


@transaction.atomic
def submit_draft(*, draft: PolicyDraft, version: int, at: datetime, actor: str) -> bool:
    """Have a second person look at a draft; it can't be changed meanwhile. False as in `save_draft`.

    Raises PolicyRefusedError: it is not whole, changes nothing, or a version was published since its base.
    """
    if not _stands(draft, State.OPEN, version):
        return False
    _refuse_unfit(draft, at)
    if not _move(draft, State.OPEN, version, state=State.SUBMITTED, submitted_by=actor, submitted_at=at, reason=""):
        return False
    _record("policy.submitted", draft, at, actor)
    return True


@transaction.atomic
def return_draft(*, draft: PolicyDraft, version: int, reason: str, at: datetime, actor: str) -> bool:
    """Give a submitted draft back to be changed, with a reason; its author may take it back too. False where it waits
    no more."""
    back = {"state": State.OPEN, "decided_by": actor, "decided_at": at, "reason": reason}
    if not _move(draft, State.SUBMITTED, version, **back):
        return False
    _record("policy.returned", draft, at, actor, reason=reason)
    return True


@transaction.atomic
def confirm_draft(*, draft: PolicyDraft, version: int, author: str, at: datetime, actor: str) -> PolicyVersion | None:
    """Publish a submitted draft as a version; ``author``: the name of whoever submitted it. None where it waits no
    more. Raises SamePersonError; PolicyRefusedError, also where its day has come meanwhile."""
    if not _stands(draft, State.SUBMITTED, version):
        return None
    if draft.submitted_by == actor:
        raise SamePersonError
    _refuse_unfit(draft, at)
    if draft.effective_from is None or not _move(
        draft, State.SUBMITTED, version, state=State.CONFIRMED, decided_by=actor, decided_at=at
    ):
        return None
    data = drafted(whole_data(draft.base), draft.changes)
    published = publish_policy(data=data, effective_from=draft.effective_from, author=author, note=draft.note, at=at)
    if published.number != draft.base.number + 1:
        raise PolicyRefusedError([Problem("base", _("another version was published since: take it as the base first"))])
    draft.result = published
    draft.save(update_fields=["result"])
    _record("policy.confirmed", draft, at, actor, number=published.number)
    return published


@transaction.atomic
def discard_draft(*, draft: PolicyDraft, version: int, at: datetime, actor: str) -> bool:
    """Give up an open draft; it stays as a record. False as in `save_draft`."""
    if not _move(draft, State.OPEN, version, state=State.DISCARDED, decided_by=actor, decided_at=at):
        return False
    _record("policy.discarded", draft, at, actor)
    return True


def _refuse_unfit(draft: PolicyDraft, at: datetime) -> None:
    data = drafted(whole_data(draft.base), draft.changes)
    reasons = refusals(data=data, effective_from=draft.effective_from, author=draft.author, at=at)
    if not draft.changes:
        reasons.append(Problem("changes", _("nothing is changed")))
    if latest_version() != draft.base:
        reasons.append(Problem("base", _("another version was published since: take it as the base first")))
    if reasons:
        raise PolicyRefusedError(reasons)


def _stands(draft: PolicyDraft, present: str, version: int) -> bool:
    """Whether a draft is as the caller saw it; it then holds its present state."""
    draft.refresh_from_db()
    return draft.state == present and draft.version == version


def _move(draft: PolicyDraft, present: str, version: int, **changes: Any) -> bool:
    """Compare and swap; the draft then holds its present state."""
    rows = PolicyDraft.objects.filter(pk=draft.pk, state=present, version=version)
    moved = rows.update(**changes, version=F("version") + 1) == 1
    draft.refresh_from_db()
    return moved


def _record(kind: str, draft: PolicyDraft, at: datetime, actor: str, **more: Any) -> None:
    begins = draft.effective_from
    after = {
        "base": draft.base.number,
        "effective_from": begins.isoformat() if begins else None,
        "parameters": len(draft.changes),
        **more,
    }
    record_event(
        kind=kind, subject_kind=DRAFT, subject_key=str(draft.pk), actor=actor, at=at, after=after, cause="DM-30"
    )
