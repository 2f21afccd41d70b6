"""The WSGI application that granian serves."""

from __future__ import annotations

import ctypes
import gc
import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
# When the server's main process is killed, its workers must not go on serving beside the next one.
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  read the addresses now, not in somebody's first request
# What lives as long as the process is walked no more, and the rest less often: a millisecond a request.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
