"""The examples of docs/api.md, run as they stand by a shell, against a real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests import factories as make
from tests.doors.api.program import key_of
from tests.doors.web.psychologist.practice import LONG_AGO, practice
from tests.house.sources import ROOT

from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.claims.models import Claim

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 30


def test_the_examples_of_the_page_work_as_they_stand(live_server: Any):
    if shutil.which("curl") is None:
        pytest.fail("No curl for the examples: sudo apt-get install -y curl", pytrace=False)
    here = practice(timezone.now())
    for weekday in range(7):
        make.opening(
            here.place,
            weekday,
            valid_from=LONG_AGO,
            starts_at_minute=8 * 60,
            ends_at_minute=18 * 60,
            modality="both",
            open_on_public_holidays=True,
        )
    starts_at = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    starts_at += timedelta(days=6)
    told = {
        "SOUTIEN": live_server.url,
        "KEY": key_of(make.account(Role.PERSON, person=here.patient())),
        "PRACTICE_KEY": key_of(here.account),
        "PSYCHOLOGIST": str(here.psychologist.public_id),
        "PLACE": str(here.place.pk),
        "STARTS": starts_at.isoformat(),
        "LATER": (starts_at + timedelta(hours=2)).isoformat(),
        "SHEET": str(here.sheet(here.patient()).public_id),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    examples = EXAMPLE.findall((ROOT / "docs" / "api.md").read_text())
    answers = []
    for example in examples:
        ran = subprocess.run(
            ["/bin/sh", "-ec", example.replace("curl ", "curl --silent --noproxy '*' ")],
            env=told,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ran.returncode == 0, (example, ran.stdout, ran.stderr)
        answers.append(json.loads(ran.stdout))
        if '/bookings"' in example:
            told["BOOKING"] = answers[-1]["id"]
        if example.strip().split('"')[1].endswith("/send"):
            told["CLAIM"] = answers[-1]["id"]
    assert len(examples) == 11
    assert Booking.objects.get(public_id=told["BOOKING"]).status == "cancelled"
    assert str(Claim.objects.get().public_id) == told["CLAIM"] == answers[-1]["id"]
    assert answers[3]["decision"]["outcome"] == "accepted"
