"""The block that any site may show: three ways in, in the host's colours. Nothing is kept."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from soutien.doors.web.town import colours

COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")
MAIN, PAPER = "#0B5C57", "#FFFFFF"
LONGEST_PLACE = 80
SCRIPT = (Path(__file__).parents[1] / "static" / "soutien" / "block.js").read_text("utf-8")
ELSEWHERE = {"Cross-Origin-Resource-Policy": "cross-origin"}


def _colour(told: str, usual: str) -> str:
    found = COLOUR.fullmatch(told)
    return f"#{found[1]}" if found else usual


@csp_replace({"frame-ancestors": ["*"]})
@xframe_options_exempt
@require_safe
def block(request: HttpRequest) -> HttpResponse:
    """The block, as a page for a frame; what it leads to opens in a page of its own."""
    asked = {
        "couleur": _colour(request.GET.get("couleur", ""), MAIN)[1:],
        "fond": _colour(request.GET.get("fond", ""), PAPER)[1:],
    }
    told = {
        "colours": urlencode(asked),
        "place": request.GET.get("lieu", "").replace("\0", "")[:LONGEST_PLACE],
    }
    answer = render(request, "soutien/town/block.html", told)
    for name, value in ELSEWHERE.items():
        answer.headers[name] = value
    return answer


@require_safe
def block_colours(request: HttpRequest) -> HttpResponse:
    """The host's colours, made to be read on each other, as a sheet of style."""
    sheet = colours.block_sheet(
        _colour(request.GET.get("couleur", ""), MAIN), _colour(request.GET.get("fond", ""), PAPER)
    )
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@require_safe
def block_script(request: HttpRequest) -> HttpResponse:
    """The script that puts the block where a host's page names it."""
    return HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8", headers=ELSEWHERE)
