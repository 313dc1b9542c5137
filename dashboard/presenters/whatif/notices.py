"""The notices of what-if in words: which stand, which would, which days bring more (BX-04)."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import status_word
from insights.queries.whatif.simulation import MetricCourse, NoticeDay, NoticeStory
from metrics.catalogue import METRICS
from stores.models import Store

Part = dict[str, Any]


def story_row(store: Store, course: MetricCourse) -> Part:
    """The notices of a metric, as they are and as they would be."""
    story = course.story
    assert story is not None
    return {
        "name": METRICS[course.code].title,
        "as_is": [*_standing(store, story), *map(notice_text, story.as_is)],
        "would": [*_kept(story), *map(notice_text, story.would)],
        "same": story.as_is == story.would and _is_kept(story),
    }


def _is_kept(story: NoticeStory) -> bool:
    notice = story.standing
    return notice is None or (story.kept, story.kept_from) == (notice.level, notice.day)


def _standing(store: Store, story: NoticeStory) -> list[Part]:
    notice = story.standing
    if notice is None:
        return []
    try:
        url = reverse("notifications:notice", args=[store.store_no, notice.number])
    except NoReverseMatch:
        url = ""
    text = _("%(level)s notice of %(day)s stands") % {
        "level": status_word(notice.level),
        "day": formats.day(notice.day),
    }
    return [{"level": notice.level, "text": text, "number": notice.number, "url": url}]


def _kept(story: NoticeStory) -> list[Part]:
    notice = story.standing
    if notice is None:
        return []
    if story.kept == notice.level and story.kept_from == notice.day:
        text = _("stands")
    elif story.kept == notice.level:
        text = _("would stand, issued on %(day)s instead") % {"day": formats.day(story.kept_from or notice.day)}
    else:
        text = _("would be yellow only") if story.kept else _("would not exist")
    # Data that came since may take the notice its ground without any tick.
    note = _("with the data known today even without ticks") if story.restated else ""
    return [{"level": story.kept or "ok", "text": text, "number": notice.number, "note": note}]


def notice_text(notice: NoticeDay) -> Part:
    """What a day brings: ``2026-11-25: red notice``."""
    words_ = {"day": formats.day(notice.day), "level": status_word(notice.level)}
    if notice.kind == "escalate":
        return {"level": notice.level, "text": _("%(day)s: escalates to %(level)s") % words_}
    return {"level": notice.level, "text": _("%(day)s: %(level)s notice") % words_}
