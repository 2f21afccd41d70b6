from __future__ import annotations

from django.apps import AppConfig

from openredress.ledger import triggers


class IdentityConfig(AppConfig):
    name = "openredress.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The logs of the vault are as append-only as the record."""
        for name in ("identityread", "lookup", "unmaskrequest", "unmaskdecision"):
            triggers.protect(f"identity_{name}")
