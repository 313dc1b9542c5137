"""The product's settings under a throw-away DATA_DIR; `DATABASE_URL` and `REDIS_URL` choose the deployment."""

import atexit
import os
import shutil
import tempfile

# Every process (pytest-xdist starts several) gets a data directory, thus a SQLite file and a broker, of its own.
_folder = tempfile.mkdtemp(prefix="dianwei-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ.update(DATA_DIR=_folder, SECRET_KEY="only-for-tests-" + "0" * 40, LOG_LEVEL="WARNING")
# Playwright keeps an event loop in the thread that runs the tests, where Django would refuse to query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
for name in ("BASE_URL", "ALLOWED_HOSTS", "DEBUG", "EMAIL_URL", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
if os.environ.get("REDIS_URL"):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/" + worker

from config.settings import *  # noqa: E402, F403
from config.settings import DATA_DIR, DATABASES, INSTALLED_APPS, MIDDLEWARE, SQLITE, STORAGES  # noqa: E402

# The test database is made anew by others than our settings, which would have kept it private.
os.umask(0o077)
if SQLITE:
    # A file, not memory: threads and processes then meet the locks that they meet in service.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

# Every request that a test makes fails when it loads related rows one by one.
INSTALLED_APPS.append("zeal")
MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")
ZEAL_RAISE = True
# allauth looks at the few sessions of a person one by one.
ZEAL_ALLOWLIST = [{"model": "sessions.Session", "field": "get()"}]

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# No test asks the real platform; those that ask a fake one name its port.
ALIEXPRESS_GATEWAYS = {"sg": "https://aliexpress.invalid"}
ALIEXPRESS_PACE = 0
