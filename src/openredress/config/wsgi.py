"""The WSGI application that granian serves."""

from __future__ import annotations

import ctypes
import os
import signal

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
# When the server's main process is killed, its workers must not go on serving beside the next one.
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
application = get_wsgi_application()
