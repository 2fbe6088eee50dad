"""A psychologist's own claims of a year, for whoever keeps their accounts."""

from __future__ import annotations

import io
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from soutien.doors.files.accounting_file import told
from soutien.doors.tabular import TableWriter
from soutien.doors.web.actors import actor_of
from soutien.doors.web.private_pages import private_page
from soutien.steps.accounting import CLAIMS, COLUMNS, open_accounting

FIRST_YEAR, LAST_YEAR = 2000, 2099


@require_safe
@private_page
def own_accounts(request: HttpRequest) -> HttpResponse:
    """The claims that funds received in a civil year (``annee``, this one unless told), as CSV."""
    now = timezone.now()
    year = _year(request.GET.get("annee", ""), timezone.localdate(now).year)
    file = io.StringIO()
    file.write("\ufeff")
    table = TableWriter(file, separator=";")
    table.writerow(COLUMNS)
    after: int | None = 0
    while after is not None:
        page = open_accounting(
            actor=actor_of(request),
            what=CLAIMS,
            since=date(year, 1, 1),
            before=date(year + 1, 1, 1),
            after=after,
            at=now,
        )
        table.writerows(told(row) for row in page.rows)
        after = page.after
    answer = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="comptes-{year}.csv"'
    return answer


def _year(told_year: str, this_year: int) -> int:
    if not told_year.isdecimal() or len(told_year) > len(str(LAST_YEAR)):
        return this_year
    year = int(told_year)
    return year if FIRST_YEAR <= year <= LAST_YEAR else this_year
