"""Writes docs/openapi.json from the API's types:  python -m tools.openapi"""

from __future__ import annotations

import json
import os
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def text() -> str:
    """The file's text. Needs Django started."""
    from soutien.doors.api.api import schema

    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write the file again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    FILE.write_text(text())
    print(f"Written: {FILE}")


if __name__ == "__main__":
    main()
