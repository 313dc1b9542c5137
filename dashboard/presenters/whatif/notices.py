"""The notices of what-if in words: which are open, which would be, which days add more (BX-04)."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import status_word
from insights.queries.whatif.simulation import MetricCourse, NoticeDay, NoticeStory
from metrics.catalogue import METRICS
from stores.models import Store


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """A notice in words; ``number`` and ``url`` of one that exists."""

    level: str
    text: str
    number: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class StoryRow:
    """The notices of a metric, as they are and as they would be."""

    name: str
    as_is: list[NoticeItem]
    would: list[NoticeItem]
    same: bool


def story_row(store: Store, course: MetricCourse) -> StoryRow:
    """The notices of a metric that issues some."""
    story = course.story
    assert story is not None
    return StoryRow(
        name=str(METRICS[course.code].title),
        as_is=[*_current(store, story), *map(notice_text, story.as_is)],
        would=[*_kept(story), *map(notice_text, story.would)],
        same=story.as_is == story.would and _is_kept(story),
    )


def _is_kept(story: NoticeStory) -> bool:
    notice = story.current
    return notice is None or (story.kept, story.kept_from) == (notice.level, notice.day)


def _current(store: Store, story: NoticeStory) -> list[NoticeItem]:
    notice = story.current
    if notice is None:
        return []
    try:
        url = reverse("dashboard:notice", args=[store.store_no, notice.number])
    except NoReverseMatch:
        url = ""
    text = _("%(level)s notice of %(day)s stands") % {
        "level": status_word(notice.level),
        "day": formats.day(notice.day),
    }
    return [NoticeItem(notice.level, text, notice.number, url)]


def _kept(story: NoticeStory) -> list[NoticeItem]:
    notice = story.current
    if notice is None:
        return []
    if story.kept == notice.level and story.kept_from == notice.day:
        text = _("stands")
    elif story.kept == notice.level:
        text = _("would be open, issued on %(day)s instead") % {"day": formats.day(story.kept_from or notice.day)}
    else:
        text = _("would be yellow only") if story.kept else _("would not exist")
    # Data that came since may take the notice its ground without any tick.
    note = _("with the data known today even without ticks") if story.restated else ""
    return [NoticeItem(story.kept or "ok", text, notice.number, note=note)]


def notice_text(notice: NoticeDay) -> NoticeItem:
    """What a day brings: ``2026-11-25: red notice``."""
    words_ = {"day": formats.day(notice.day), "level": status_word(notice.level)}
    if notice.kind == "escalate":
        return NoticeItem(notice.level, _("%(day)s: escalates to %(level)s") % words_)
    return NoticeItem(notice.level, _("%(day)s: %(level)s notice") % words_)
