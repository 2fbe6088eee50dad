"""What can be set, called and opened is written down, and what is written down exists."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from tests.house.sources import ROOT, calls, first_text, modules
from tools import changelog, permissions_page, routes

from soutien.doors.cli.main import COMMANDS, main, parser_of
from soutien.steps.permissions import ROLES, Data, Relation

DOCS = ROOT / "docs"
READERS = {"environ.get", "getenv", "names", "secret", "switch", "whole_number"}
# Names that belong to Python or Django, not to us.
FOREIGN = {"DJANGO_SETTINGS_MODULE"}


def settings_read() -> set[str]:
    """Every variable that the product reads from the environment."""
    return {
        text
        for path in modules()
        for call, name in calls(path)
        if any(name == reader or name.endswith(f".{reader}") for reader in READERS)
        for text in [first_text(call)]
        if text and text.isupper()
    } - FOREIGN


def test_every_setting_is_documented() -> None:
    read = settings_read()
    assert {"SOUTIEN_SECRET_KEY", "SOUTIEN_HOME", "DATABASE_URL"} <= read
    page = (DOCS / "settings.md").read_text()
    assert not {name for name in read if f"| `{name}` |" not in page}


def test_every_documented_setting_is_read_somewhere() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", (DOCS / "settings.md").read_text(), re.M))
    sources = [*modules(), *(ROOT / "tests").rglob("*.py"), ROOT / "run.py"]
    text = "".join(path.read_text() for path in sources)
    assert not {name for name in named if f'"{name}"' not in text}


def sections(page: Path) -> dict[str, str]:
    """The text under each heading of the second level."""
    parts = re.split(r"^## (.+)$", page.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_command_is_documented_and_no_other() -> None:
    assert set(sections(DOCS / "commands.md")) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented(name: str) -> None:
    module = import_module(COMMANDS[name].module)
    assert module.__doc__
    if hasattr(module, "pass_on"):
        return
    text = sections(DOCS / "commands.md")[name]
    options = [
        option
        for action in parser_of(name, module)._actions
        for option in action.option_strings
        if option.startswith("--") and not isinstance(action, argparse._HelpAction)
    ]
    assert not [option for option in options if option not in text]


def test_the_page_of_routes_is_up_to_date() -> None:
    written = routes.PAGE.read_text() if routes.PAGE.exists() else ""
    assert written == routes.page(), "To mend it:  .venv/bin/python -m tools.routes"


def test_the_page_of_permissions_is_up_to_date() -> None:
    written = permissions_page.PAGE.read_text() if permissions_page.PAGE.exists() else ""
    assert written == permissions_page.page(), (
        "To mend it:  .venv/bin/python -m tools.permissions_page"
    )


def test_the_page_of_permissions_knows_every_word() -> None:
    assert set(permissions_page.TIES) == set(Relation)
    assert set(permissions_page.KINDS) == set(Data)
    assert set(permissions_page.WHO) == {*ROLES, "system"}


def test_the_case_of_the_readme_is_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [case] = re.findall(r"```json\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    file = tmp_path / "sessions.json"
    file.write_text(case)
    assert main(["decide", str(file), "--explain", "fr"]) == 0
    [decision] = json.loads(capsys.readouterr().out)
    assert decision["outcome"] == "accepted"


def links() -> Iterator[tuple[Path, str]]:
    """Every link of our pages to a file of ours."""
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "changes").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                yield page, target


def test_every_link_between_our_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in links()
        if not (page.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def test_every_decision_says_its_context_choice_and_price() -> None:
    paths = [path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md"]
    assert paths
    numbers = [path.name[:4] for path in paths]
    assert len(numbers) == len(set(numbers))
    for path in paths:
        assert re.match(r"^\d{4}-[a-z0-9-]+\.md$", path.name), path.name
        text = path.read_text()
        for part in ("## Context", "## Choice", "## Price"):
            assert part in text, f"{path.name}: {part}"
        assert re.search(r"^20\d\d-\d\d-\d\d", text, re.MULTILINE), f"{path.name}: no day"


def test_every_fragment_can_be_gathered() -> None:
    assert any(changelog.fragments(ROOT / "changes").values())


def test_a_release_takes_its_fragments_and_keeps_the_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "beads.added.md").write_text("The beads\nof the year.\n")
    earlier = "## 0.1.0, 2026-01-01\n\nOld.\n"
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\nHead.\n\n## 0.1.0, 2026-01-01\n\nOld.\n"
    )
    changelog.gather(tmp_path, "0.2.0", changelog.date(2026, 12, 1))
    assert (tmp_path / "CHANGELOG.md").read_text() == (
        "# Changelog\n\nHead.\n\n## 0.2.0, 2026-12-01\n\n### Added\n\n- The beads of the year.\n\n"
        + earlier
    )
    assert not list((tmp_path / "changes").iterdir())


def test_a_fragment_of_no_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "beads.md").write_text("The beads.")
    with pytest.raises(ValueError, match="name it what-changed"):
        changelog.fragments(tmp_path)


def test_publiccode_says_what_a_catalogue_needs() -> None:
    found = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    for key in (
        *["publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType"],
        *["description", "legal", "maintenance", "localisation"],
    ):
        assert found[key], key
    assert found["legal"]["license"] == "MIT"
    assert found["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert found["maintenance"]["contacts"]
    assert found["localisation"]["availableLanguages"] == ["fr", "en"]
    for language in found["localisation"]["availableLanguages"]:
        told = found["description"][language]
        assert len(told["shortDescription"]) <= 150
        assert 150 <= len(told["longDescription"]) <= 10_000
        assert told["features"]


def test_one_version_everywhere() -> None:
    project = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert project
    found = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    assert found["softwareVersion"] == project[1]
