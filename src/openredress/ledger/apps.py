from __future__ import annotations

from django.apps import AppConfig

from openredress.ledger import triggers


class LedgerConfig(AppConfig):
    name = "openredress.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the record's own tables as append-only."""
        for table in ("entry", "erasure", "position", "checkpoint"):
            triggers.protect(f"ledger_{table}")
        # The lawbook stands beside this floor and cannot ask for it.
        for table in ("packrevision", "calendarrevision"):
            triggers.protect(f"lawbook_{table}")
        triggers.protect(
            "ledger_words",
            allow_delete_when="EXISTS (SELECT 1 FROM ledger_erasure e WHERE e.entry_id = OLD.entry_id)",
        )
        # A head only moves forward.
        triggers.protect(
            "ledger_stream",
            allow_update_when="NEW.version > OLD.version AND NEW.kind = OLD.kind AND NEW.stream = OLD.stream",
        )
        triggers.connect()
