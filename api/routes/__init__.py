"""The routes of the API, one module per subject. A new module is added to `ROUTERS`."""

from api.routes import account, appealing, batches, deadlines, metrics, notices, penalties

ROUTERS = (
    account.router,
    batches.router,
    metrics.router,
    notices.router,
    penalties.router,
    appealing.router,
    deadlines.router,
)
