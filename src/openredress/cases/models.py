"""The record room's tables. Ledger entries are the truth; every row here can be refolded from them.

Growing tables carry the authority. Rows hold no name, phone, ID number or address: those lie in the vault.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openredress.cases.models_search import SearchText as SearchText  # Django finds tables from here
from openredress.people.models import Staff, Unit


class Case(models.Model):
    """信访事项: the matter that is handled; one row of derived facts about one stream."""

    authority = models.SmallIntegerField(default=1)
    stream = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=16, unique=True)
    title = models.CharField(max_length=120)  # redacted
    summary = models.TextField(blank=True)  # redacted text of the first petition
    version = models.IntegerField(default=0)  # seq of the last entry folded into this row
    pack = models.CharField(max_length=64)
    state = models.CharField(max_length=30)
    open = models.BooleanField(default=True)  # at least one track is not finished
    office = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")  # registered it
    lead = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")  # 属事单位
    territorial = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")  # 属地单位
    channel = models.CharField(max_length=12)
    category = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=12, blank=True)  # code of the place the matter is about
    place = models.CharField(max_length=80, blank=True)  # redacted
    mode = models.CharField(max_length=20, blank=True)
    people_count = models.IntegerField(default=1)
    confidentiality = models.CharField(max_length=12, default="normal")
    language = models.CharField(max_length=8, default="zh")
    received_on = models.DateField()
    registered_at = models.DateTimeField()  # when the register entry was recorded
    last_progress_on = models.DateField(null=True)  # served paper, evidence, performed duty, held meeting
    next_due = models.DateField(null=True)  # nearest open due day that a unit owes
    next_clock = models.CharField(max_length=20, blank=True)
    sealed = models.BooleanField(default=False)
    restricted = models.BooleanField(default=False)  # sealed, or somebody is barred: enters no tally
    stock = models.BooleanField(default=False)  # imported from a ledger
    answered = models.BooleanField(default=False)
    solved = models.BooleanField(default=False)
    withdrawn = models.BooleanField(default=False)
    marks = models.CharField(max_length=120, blank=True)  # " hard urgent ": the pack's marks, spaced

    class Meta:
        indexes = [
            models.Index(fields=["authority", "-received_on", "-id"], name="case_recent"),
            models.Index(fields=["authority", "next_due"], condition=Q(open=True), name="case_due"),
            models.Index(fields=["authority", "id"], condition=Q(restricted=True), name="case_restricted"),
        ]


class TrackRow(models.Model):
    """办理线: which unit holds it, in which state, by which road."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tracks")
    track = models.CharField(max_length=12)
    state = models.CharField(max_length=30)
    open = models.BooleanField(default=True)
    holder = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    avenue = models.CharField(max_length=8, blank=True)
    simple = models.BooleanField(default=False)
    handler = models.CharField(max_length=40, blank=True)  # staff pseudonym
    territorial = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    received_on = models.DateField()  # by the present holder

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "track"], name="one_row_a_track")]
        indexes = [
            models.Index(fields=["holder", "case"], condition=Q(open=True), name="track_held"),
            models.Index(fields=["handler"], condition=Q(open=True) & ~Q(handler=""), name="track_handler"),
        ]


class DeadlineRow(models.Model):
    """One running of one clock, for lists; the arithmetic is asked of the rules."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadline_rows")
    track = models.CharField(max_length=12)
    clock = models.CharField(max_length=20)
    anchor = models.IntegerField()  # seq of the entry that started it
    due = models.DateField()
    nominal = models.DateField()
    due_at = models.DateTimeField(null=True)  # for clocks counted in hours
    provisional = models.BooleanField(default=False)
    holder = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+"
    )  # null: petitioner
    open = models.BooleanField(default=True)
    state = models.CharField(max_length=12)
    ended_on = models.DateField(null=True)
    what = models.CharField(max_length=80)
    article = models.CharField(max_length=80, blank=True)
    next_move = models.CharField(max_length=30, blank=True)  # the move that ends it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "track", "clock", "anchor"], name="one_row_a_running")
        ]
        indexes = [
            models.Index(fields=["holder", "due", "case"], condition=Q(open=True), name="deadline_worklist"),
        ]


class ClaimRow(models.Model):
    """诉求: one demand, its road and its outcome. The words of it are in the record."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="claim_rows")
    claim = models.CharField(max_length=12)
    track = models.CharField(max_length=12)
    avenue = models.CharField(max_length=8, blank=True)
    outcome = models.CharField(max_length=30, blank=True)
    executed = models.BooleanField(default=False)
    execute_by = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "claim"], name="one_row_a_claim")]


class Petition(models.Model):
    """信访件: one arrival. Its number stays as an alias when it is attached; its code is its own."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="petitions")
    number = models.CharField(max_length=16, unique=True)
    seq = models.IntegerField()  # the entry that registered or attached it
    channel = models.CharField(max_length=12)
    office = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    confidentiality = models.CharField(max_length=12, default="normal")
    redacted = models.TextField(blank=True)  # the whole text as the desk may show it
    idempotency_key = models.CharField(max_length=80, null=True, unique=True)  # with the sender's scope
    body_digest = models.CharField(max_length=64)
    code_digest = models.CharField(max_length=64, unique=True)  # peppered HMAC of the query code
    code_shown = models.BooleanField(default=False)  # once shown to staff it confirms nothing alone
    answer = models.TextField(blank=True)  # the 201 as given, without the code

    class Meta:
        indexes = [models.Index(fields=["authority", "-recorded_at"], name="petition_recent")]


class Party(models.Model):
    """信访人 in a case: 甲, 乙 … and a reference into the vault, nothing more."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="parties")
    party = models.CharField(max_length=8)  # p1, p2 …
    mark = models.CharField(max_length=8)  # 甲, 乙 …
    role = models.CharField(max_length=12)  # lead | joint | agent
    person = models.CharField(max_length=40, blank=True, db_index=True)  # vault reference; "" once erased

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "party"], name="one_row_a_party")]


class Accused(models.Model):
    """被反映的单位或人员: decides who is barred. Exactly one of unit and staff."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="accused")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, staff__isnull=True)
                | Q(unit__isnull=True, staff__isnull=False),
                name="accused_is_unit_or_staff",
            )
        ]


class Involved(models.Model):
    """Which units have or had a part in a case, and which: the list behind "cases of my unit"."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="involved")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=12)  # office | holder | held | territorial | supervisor

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "unit", "why"], name="one_row_a_part")]
        indexes = [models.Index(fields=["unit", "-case"], name="involved_unit")]


class ObligationRow(models.Model):
    """应办事项: owed by a unit, a staff member or a paying third party, about any stream."""

    authority = models.SmallIntegerField(default=1)
    stream_kind = models.CharField(max_length=12)
    stream_id = models.CharField(max_length=40)
    obligation = models.CharField(max_length=60)  # id within the stream
    seq = models.IntegerField()
    track = models.CharField(max_length=12, blank=True)
    kind = models.CharField(max_length=30)
    debtor_kind = models.CharField(max_length=8)
    debtor = models.CharField(max_length=80)  # unit code, staff pseudonym or the payer's reference
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")  # on whose list
    due_on = models.DateField(null=True)
    basis = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, default="due")  # due | done | late | disputed | waived
    done_on = models.DateField(null=True)
    evidence = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stream_kind", "stream_id", "obligation"], name="one_row_an_obligation"
            ),
            models.CheckConstraint(
                condition=Q(debtor_kind__in=["unit", "staff", "payer"]), name="never_owed_by_a_petitioner"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "due_on"], condition=Q(state="due"), name="obligation_worklist")
        ]


class LedgerRow(models.Model):
    """An imported workbook row, so that next week's file knows it again. Cells hold no identity."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ledger_rows")
    key = models.CharField(max_length=64)  # blind hash: ledger, person, first date, matter
    ledger = models.CharField(max_length=120)  # unit code and sheet heading
    digest = models.CharField(max_length=64)  # of the row as last imported or accepted
    cells = models.JSONField(default=dict)  # field → value or blind hash

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "key"], name="one_case_a_ledger_row")]
        indexes = [models.Index(fields=["authority", "ledger"], name="ledger_row_ledger")]


class Proposal(models.Model):
    """A changed ledger row waiting for a person: accept or decline, cell by cell in sight."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    source = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)  # of the proposed row: the same change is proposed once
    cells = models.JSONField(default=list)  # [{"field", "heading", "old", "new"}]
    moves = models.JSONField(default=list)  # [{"move", "given"}] that accepting performs
    state = models.CharField(max_length=10, default="open")  # open | accepted | declined | stale
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    case_version = models.IntegerField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "digest"], name="one_proposal_a_change")]
        indexes = [
            models.Index(fields=["authority", "made_at"], condition=Q(state="open"), name="proposal_open")
        ]


class Tally(models.Model):
    """Counts kept at write time: cases by unit × state, open deadlines by unit × due day."""

    authority = models.SmallIntegerField(default=1)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6)  # state | due
    key = models.CharField(max_length=30)
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "unit", "kind", "key"], name="one_row_a_tally")
        ]


class Attachment(models.Model):
    """A file on a case; the bytes lie in the document store under their hash."""

    authority = models.SmallIntegerField(default=1)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    petition = models.ForeignKey(Petition, null=True, on_delete=models.PROTECT, related_name="attachments")
    seq = models.IntegerField()  # the entry that brought it
    upload = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    type = models.CharField(max_length=80)
    purpose = models.CharField(max_length=20, default="material")  # material | scan | evidence | paper
    erased = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["case", "seq"], name="attachment_case")]

    @property
    def ref(self) -> str:
        """Its name within the case. Never the row's id: gaps in a series would tell of sealed cases."""
        return f"{self.seq}-{self.upload[:12]}"


class Series(models.Model):
    """The gapless yearly series of issued documents 文号; the sealed class has its own."""

    authority = models.SmallIntegerField(default=1)
    scope = models.CharField(max_length=60)  # 机关代字, with ":sealed" for the sealed class
    year = models.SmallIntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "scope", "year"], name="one_row_a_series")
        ]


class Issued(models.Model):
    """One issued document number and the entry that issued it."""

    authority = models.SmallIntegerField(default=1)
    scope = models.CharField(max_length=60)
    year = models.SmallIntegerField()
    n = models.IntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="issued")
    seq = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "scope", "year", "n"], name="one_issue_a_number")
        ]
