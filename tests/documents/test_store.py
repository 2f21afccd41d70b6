"""Files are on the disk before anybody is told so, and what is altered or lost is found both ways."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from tests.documents.samples import PDF

from openredress.documents import store
from openredress.documents.intake import Limits
from openredress.documents.models import StoredFile
from openredress.people.errors import Refused

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
LATER = 1e12  # seconds of the epoch: everything is old


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


def save(data: bytes = PDF, name: str = "合同.pdf", **more):
    return store.save(io.BytesIO(data), name, at=AT, **more)


def files(home) -> list[Path]:
    return [path for path in (home / "files").rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_kept_once_under_what_it_holds(home):
    first, second = save(), save(name="又一份.pdf")
    assert (first.sha256, first.size, first.type) == (second.sha256, len(PDF), "application/pdf")
    assert (first.name, second.name) == ("合同.pdf", "又一份.pdf")
    assert files(home) == [home / "files" / first.sha256[:2] / first.sha256[2:]]
    assert StoredFile.objects.count() == 1
    with store.open_file(first.sha256) as held:
        assert held.read() == PDF


@pytest.mark.django_db
def test_refused_leaves_nothing(home):
    for data, limits in ((b"MZ" + bytes(99), Limits()), (PDF, Limits(bytes=10))):
        with pytest.raises(Refused):
            save(data, limits=limits)
    assert files(home) == []
    assert StoredFile.objects.count() == 0


@pytest.mark.django_db
def test_altered_missing_and_healed(home):
    kept = save()
    assert store.verify(kept.sha256) == "ok"
    store.path_of(kept.sha256).write_bytes(PDF + b" ")
    assert list(store.verify_all()) == [(kept.sha256, "altered")]
    save()
    assert store.verify(kept.sha256) == "ok"
    store.path_of(kept.sha256).unlink()
    assert store.verify(kept.sha256) == "missing"


@pytest.mark.django_db
def test_erased_is_gone_and_known_to_be(home):
    kept = save()
    store.erase(kept.sha256, at=AT)
    store.erase(kept.sha256, at=AT)
    assert files(home) == []
    assert StoredFile.objects.get().erased_at == AT
    assert list(store.verify_all()) == []
    assert store.orphans(LATER) == store.Orphans((), (), ())
    save()
    assert StoredFile.objects.get().erased_at is None


@pytest.mark.django_db
def test_orphans_both_ways(home):
    lost, kept = save(), save(PDF + b"\n%%EOF")
    store.path_of(lost.sha256).unlink()
    with transaction.atomic():
        stray = save(b"%PDF-2 %%EOF")
        transaction.set_rollback(True)
    (home / "files" / "incoming" / "half").write_bytes(b"x")
    found = store.orphans(LATER)
    assert found == store.Orphans((lost.sha256,), (stray.sha256,), ("half",))
    assert store.orphans(0) == store.Orphans((lost.sha256,), (), ())
    assert store.sweep(found) == 2
    assert store.orphans(LATER) == store.Orphans((lost.sha256,), (), ())
    assert store.verify(kept.sha256) == "ok"


def _traced(tmp_path: Path, *words: str) -> list[str]:
    """The calls that matter, in order, of a process that saves one file and acknowledges it."""
    env = {
        **os.environ,
        "OPENREDRESS_HOME": str(tmp_path / "home"),
        "OPENREDRESS_DATABASE_URL": "",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
    }
    (tmp_path / "home").mkdir()
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity=0"], env=env, check=True)
    trace = tmp_path / "trace"
    calls = "trace=openat,write,fsync,fdatasync,rename,renameat,renameat2,pwrite64"
    command = [
        "strace",
        "-f",
        "-y",
        "-e",
        calls,
        "-o",
        str(trace),
        sys.executable,
        "-m",
        "tests.documents.saver",
    ]
    subprocess.run([*command, *words], env=env, cwd=ROOT, check=True, capture_output=True)
    return trace.read_text().splitlines()


def _order(lines: list[str]) -> list[str]:
    """What was done to the file, its folder and the database's log, as short words."""
    said = []
    for line in lines:
        if "= -1" in line:
            continue
        if re.search(r"write\(\d+<[^>]*/files/incoming/", line):
            said.append("written")
        elif re.search(r"fsync\(\d+<[^>]*/files/incoming/\w+>", line):
            said.append("file synced")
        elif re.search(r"rename\w*\(.*/files/incoming/", line):
            said.append("renamed")
        elif re.search(r"fsync\(\d+<[^>]*/files/[0-9a-f]{2}>", line):
            said.append("folder synced")
        elif re.search(r"fdatasync\(\d+<[^>]*sqlite3-wal>", line):
            said.append("row synced")
        elif "acknowledged" in line:
            said.append("acknowledged")
            break
    return [word for word, before in zip(said, ["", *said], strict=False) if word != before]


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
PROMISE = ["written", "file synced", "renamed", "folder synced", "row synced", "acknowledged"]


@needs_strace
def test_the_order_of_the_promise(tmp_path):
    assert _order(_traced(tmp_path)) == PROMISE


@needs_strace
def test_control_without_fsync_the_witness_is_red(tmp_path):
    assert _order(_traced(tmp_path, "no-fsync")) == ["written", "renamed", "row synced", "acknowledged"]
