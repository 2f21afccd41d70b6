"""Erasing words, identities, files and index text of one case. The facts stay, and so does every figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from openredress.cases import search
from openredress.cases.facts import Known
from openredress.cases.models import Attachment, Case, LedgerRow, Party, Petition, Proposal
from openredress.documents import store as files
from openredress.documents.models import StoredFile
from openredress.identity import vault
from openredress.jobs import queue
from openredress.ledger import store
from openredress.ledger.store import Appended

GONE = "（已依法删除）"
PURGE = "purge_index"  # a job
WORDS, IDENTITIES, FILES, INDEX = "words", "identities", "files", "index"


@dataclass(frozen=True, slots=True)
class Reach:
    """What an erasure takes: seqs of entries with words, parties, files."""

    entries: tuple[int, ...] = ()
    parties: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def reach(known: Known, holds: Iterable[str], retention_class: str = "") -> Reach:
    """What a case still has of the kinds that a retention class holds.

    `petition_words` takes what petitioners said, `staff_words` what the office wrote, other classes both.
    """
    kinds = set(holds)
    words = _words(known, retention_class) if WORDS in kinds else []
    parties = Party.objects.filter(case=known.case_id).exclude(person="") if IDENTITIES in kinds else None
    held = Attachment.objects.filter(case=known.case_id, erased=False) if FILES in kinds else None
    return Reach(
        entries=tuple(words),
        parties=tuple(parties.order_by("pk").values_list("party", flat=True)) if parties is not None else (),
        files=tuple(sorted(set(held.values_list("sha256", flat=True)))) if held is not None else (),
    )


def _words(known: Known, retention_class: str) -> list[int]:
    """Seqs of entries that still have words, an erasure's own reason left out."""
    held = store.words_of("case", known.stream)
    pack = known.packs.pack(known.facts.pack)
    arrivals = {move.id for move in pack.moves.values() if move.arrival or move.opens}
    found = [entry for entry in known.entries if entry.seq in held and entry.code != "erase"]
    if retention_class == "petition_words":
        found = [entry for entry in found if entry.code in arrivals]
    elif retention_class == "staff_words":
        found = [entry for entry in found if entry.code not in arrivals]
    return [entry.seq for entry in found]


def remove(case_id: int, stream: str, what: Reach, by: Appended | None, *, index: bool) -> int:
    """Take away what an erasure reaches, in the caller's transaction; returns how many words rows went.

    `by` is the `erase` entry; None only after a restore, when the ledger has erased the words already.
    """
    went = 0
    if what.entries and by is not None:
        ids = store.ids("case", stream)
        went = store.erase_words([ids[seq] for seq in what.entries if seq in ids], by)
    petitions = Petition.objects.filter(case=case_id, seq__in=what.entries)
    told = petitions.update(redacted="", body_digest="")
    if told:
        Case.objects.filter(pk=case_id).update(title=GONE, summary="", place="")
        LedgerRow.objects.filter(case=case_id).update(cells={}, digest="")
        Proposal.objects.filter(case=case_id).update(cells=[], moves=[])
    if what.parties:
        parties = Party.objects.filter(case=case_id, party__in=what.parties)
        vault.erase(parties.exclude(person="").values_list("person", flat=True))
        parties.update(person="")
    if what.files:
        Attachment.objects.filter(case=case_id, sha256__in=what.files).update(erased=True)
    if index or told:
        search.remove(Case.objects.get(pk=case_id))
    return went


def ask_for_purge(at: datetime) -> None:
    """Ask for the index to be rewritten, so that its pages lose the removed words: a job's work, it is slow.

    Erasures of one quarter of an hour share a job, which runs after it: a night's work rewrites once.
    """
    begun = at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    key = f"{PURGE}@{begun.astimezone(UTC).isoformat(timespec='minutes')}"
    queue.enqueue(PURGE, {}, at=at, run_after=begun + timedelta(minutes=16), unique_key=key)


def remove_files(wanted: Sequence[str], at: datetime) -> int:
    """Take the bytes of files that no case refers to any more; after the commit. Returns how many went."""
    kept = set(Attachment.objects.filter(sha256__in=wanted, erased=False).values_list("sha256", flat=True))
    gone = [sha256 for sha256 in wanted if sha256 not in kept]
    for sha256 in gone:
        files.erase(sha256, at=at)
    return len(gone)


def left_over() -> list[str]:
    """Files whose last case has let them go but whose bytes are still here: a crash came between."""
    erased = Attachment.objects.filter(erased=True).values_list("sha256", flat=True)
    kept = Attachment.objects.filter(erased=False).values("sha256")
    held = StoredFile.objects.filter(sha256__in=erased, erased_at=None).exclude(sha256__in=kept)
    return list(held.values_list("sha256", flat=True))
