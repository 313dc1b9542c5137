"""The connector as the framework knows it: its feeds in the order in which they are pulled."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.authorization import authorize_url, exchange, refresh
from intake.connectors.aliexpress.feeds.disputes import pull_disputes
from intake.connectors.aliexpress.feeds.funds import pull_funds
from intake.connectors.aliexpress.feeds.orders import pull_details, pull_finished, pull_open
from intake.connectors.aliexpress.feeds.reviews import pull_reviews
from intake.connectors.aliexpress.feeds.tracking import pull_tracking
from intake.connectors.aliexpress.session import open_session
from intake.connectors.kinds import ConnectorKind, FeedKind
from stores.models import Feed

ALIEXPRESS = ConnectorKind(
    code="aliexpress",
    label=_("AliExpress"),
    regions={wire.REGION: _("Global (api-sg.aliexpress.com)")},
    feeds=(
        FeedKind("orders", pgettext_lazy("feed", "Orders under way"), pull_open),
        FeedKind("finished", pgettext_lazy("feed", "Finished orders"), pull_finished),
        FeedKind("funds", pgettext_lazy("feed", "Funds"), pull_funds),
        FeedKind(
            "details",
            pgettext_lazy("feed", "Details of orders"),
            pull_details,
            supplies=(Feed.Kind.ORDERS, Feed.Kind.REFUNDS, Feed.Kind.SETTLEMENTS),
            after=("orders", "finished", "funds"),
        ),
        FeedKind(
            "tracking", pgettext_lazy("feed", "Tracking"), pull_tracking, (Feed.Kind.TRACKING,), after=("details",)
        ),
        FeedKind(
            "disputes", pgettext_lazy("feed", "Disputes"), pull_disputes, (Feed.Kind.DISPUTES,), after=("details",)
        ),
        FeedKind("reviews", pgettext_lazy("feed", "Reviews"), pull_reviews, (Feed.Kind.REVIEWS,), after=("details",)),
    ),
    authorize_url=authorize_url,
    exchange=exchange,
    refresh=refresh,
    open=open_session,
)
