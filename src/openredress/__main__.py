"""`python -m openredress` is the same as `openredress`."""

from __future__ import annotations

import sys

from openredress.config.cli import main

sys.exit(main())
