"""What the platform calls things: addresses, methods, parameters, limits. All that may drift is here."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings

# Order times are local times of the platform's headquarters, with daylight saving.
ZONE = ZoneInfo("America/Los_Angeles")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
REGION = "sg"

AUTHORIZE_PATH = "/oauth/authorize"
CREATE_PATH = "/auth/token/create"
REFRESH_PATH = "/auth/token/refresh"
BUSINESS_PATH = "/sync"
SYSTEM_PATH = "/rest"
VERSION = "2.0"


class SignMethod(StrEnum):
    """How requests are signed; md5 is that of older applications."""

    SHA256 = "sha256"
    MD5 = "md5"


SIGN_METHOD = SignMethod.SHA256


@dataclass(frozen=True, slots=True)
class Method:
    """A call: its name, the parameter that holds its query as JSON (empty: parameters are flat), and where the
    answer's rows are, as a path below ``result``."""

    name: str
    query: str = ""
    rows: str = ""


ORDER_LIST = Method("aliexpress.trade.seller.orderlist.get", "param_aeop_order_query", "target_list")
ORDER = Method("aliexpress.trade.new.redefining.findorderbyid", "param1")
TRACKING = Method("aliexpress.logistics.redefining.querytrackingresult", rows="details")
DISPUTE_LIST = Method("aliexpress.issue.issuelist.get", "query_dto", "data_list")
DISPUTE = Method("aliexpress.issue.detail.get")
EVALUATIONS = Method("aliexpress.evaluation.listorderevaluation.get", "trade_evaluation_request", "target_list")
FUNDS = Method("aliexpress.trade.redefining.findloanlistquery", "param1", "son_order_list")

# Objects that answers hold their content in, tried in this order, below the response's own name.
CONTENTS = ("result", "target", "result_object", "data")

PAGE = 50
FUNDS_PAGE = 200
ORDERS_PER_EVALUATION = 50
FINISHED = "FINISH"
PAID_OUT = "loan_ok"
DISPUTE_OPEN = "processing"
DISPUTE_OVER = ("finish", "canceled_issue")

# Orders created earlier are not listed.
HISTORY = timedelta(days=180)
# With a filter by modified time, finished orders are listed only if they were created within this time.
RECENT = timedelta(days=30)
# Kept free at the limits of these, for the time until the request arrives.
MARGIN = timedelta(minutes=5)
# How far a window reaches back over the one before: changes become visible a little late.
OVERLAP = timedelta(minutes=10)
# With more, a first pass asks in parts, so that it can stop between them.
SLICE = timedelta(days=30)
# Rows may lie so far outside of what was asked: clocks, and the hour that autumn has twice.
TOLERANCE = timedelta(minutes=65)
# A window with more pages is asked for in halves.
MOST_PAGES = 20
MOST_DISPUTE_PAGES = 200

TRACKED_EVERY = timedelta(hours=4)
TRACKED_FOR = timedelta(days=90)
REVIEWED_EVERY = timedelta(days=1)
REVIEWED_FOR = timedelta(days=45)
WALKED_EVERY = timedelta(days=1)
FUNDS_SLICE = timedelta(days=10)

BAN = r"ban will last for (\d+) more second"
BAN_SECONDS = 60


def gateway(region: str) -> str:
    """The address of a region's API, without a path."""
    return str(settings.ALIEXPRESS_GATEWAYS[region]).rstrip("/")
