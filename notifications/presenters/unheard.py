"""What owners are told where messages don't reach their company (PN-37)."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.outgoing import detail_words
from core.pages import formats
from core.pages.components import Banner
from notifications.models import Connection
from notifications.queries.unheard import Unheard


def unheard_banners(found: Iterable[Unheard]) -> list[Banner]:
    """A banner for each thing that is wrong."""
    return [banner for one in found for banner in _banners(one)]


def _banners(found: Unheard) -> list[Banner]:
    team = reverse("dashboard:team", args=[found.company.company_no])
    names = {"company": found.company.name, "days": formats.number(found.days or 0)}
    banners = []
    if found.no_mail:
        banners.append(
            Banner(
                "red",
                _("No e-mail reaches %(company)s") % names,
                _("The address of every member is unknown to its mail server, so red notices are told here only."),
                team,
                _("Team"),
            )
        )
    if found.days is not None:
        banners.append(
            Banner(
                "red",
                _("Nobody of %(company)s has opened a notice in %(days)s days") % names,
                _("A red notice that nobody opens in time can't be appealed any more. See who is told of them."),
                team,
                _("Team"),
            )
        )
    return [*banners, *(_chat_banner(connection, team) for connection in found.chats)]


def _chat_banner(connection: Connection, url: str) -> Banner:
    names = {"channel": connection.get_channel_display(), "name": connection.name}
    names["answer"] = detail_words(connection.last_error)
    since = connection.failing_since or connection.alarmed_at
    names["since"] = formats.instant(since, timezone.get_current_timezone()) if since else ""
    return Banner(
        "red",
        _("%(channel)s “%(name)s” gets no messages") % names,
        _("Since %(since)s the chat answers: %(answer)s. Other channels still deliver.") % names,
        url,
        _("Channels"),
    )
