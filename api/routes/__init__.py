"""The routes of the API, one module per subject. A new module is added to `ROUTERS`."""

from api.routes import account, batches

ROUTERS = (account.router, batches.router)
