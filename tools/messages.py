"""English for every sentence: gathers the parts, checks that none is missing, compiles.

    python tools/messages.py            gather, check, write django.po and django.mo
    python tools/messages.py --check    say what is missing or no longer used; write nothing
    python tools/messages.py --missing  print the missing sentences, ready to translate

Sentences are French in the code and the templates. Each area has its own file of English,
``locale/en/parts/AREA.po``; this tool joins them. It needs Python and Django only: no gettext
programs, which a bare machine lacks. The compiled file is kept in the repository for that reason.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "soutien"
LOCALE = PACKAGE / "doors" / "web" / "locale" / "en"
PARTS = LOCALE / "parts"
TARGET = LOCALE / "LC_MESSAGES" / "django.po"
HEADER = (
    "Project-Id-Version: Soutien\n"
    "Language: en\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


class MessageError(Exception):
    """A part file cannot be read: the message says where and what to write."""


@dataclass(frozen=True)
class Key:
    """What gettext looks a sentence up by."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def stored(self) -> str:
        """The key as the compiled file holds it."""
        head = f"{self.context}\x04" if self.context else ""
        return head + self.text + (f"\x00{self.plural}" if self.plural else "")


@dataclass
class Entry:
    """One translation: two strings when the key has a plural."""

    key: Key
    strings: list[str] = field(default_factory=list)
    where: str = ""


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def sentences_of_python(path: Path) -> Iterator[Key]:
    """The sentences a module hands to gettext as literals."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [_literal(argument) for argument in node.args]
        if name in SINGLE and texts and texts[0]:
            yield Key(texts[0])
        elif name in PLURAL and len(texts) > 1 and texts[0] and texts[1]:
            yield Key(texts[0], texts[1])
        elif name in CONTEXT and len(texts) > CONTEXT[name] and texts[0] and texts[1]:
            yield Key(texts[1], (texts[2] or "") if CONTEXT[name] > 1 else "", texts[0])


def sentences_of_template(path: Path) -> Iterator[Key]:
    """The sentences of a template, as Django itself reads them."""
    from django.utils.translation.template import templatize

    source = templatize(path.read_text("utf-8"), origin=str(path))
    # What is left is a list of calls to gettext among characters that mean nothing.
    pattern = re.compile(
        r"\b(n?p?gettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
        r"(?:\s*,\s*u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))*)",
        re.DOTALL,
    )
    for name, arguments in pattern.findall(source):
        texts = [str(text) for text in ast.literal_eval(f"({arguments},)")]
        if name == "pgettext":
            yield Key(texts[1], "", texts[0])
        elif name == "npgettext":
            yield Key(texts[1], texts[2], texts[0])
        elif name == "ngettext":
            yield Key(texts[0], texts[1])
        else:
            yield Key(texts[0])


def sentences_in_use() -> dict[Key, str]:
    """Every sentence of the package, with the first file that says it."""
    found: dict[Key, str] = {}
    for path in sorted((PACKAGE / "doors").rglob("*.py")):
        for key in sentences_of_python(path):
            found.setdefault(key, str(path.relative_to(ROOT)))
    for path in sorted((PACKAGE / "doors").rglob("templates/**/*.*")):
        if path.suffix in {".html", ".txt", ".svg"}:
            for key in sentences_of_template(path):
                found.setdefault(key, str(path.relative_to(ROOT)))
    return found


def read_part(path: Path) -> list[Entry]:
    """The entries of a .po file. Raises MessageError at a line it cannot read."""
    entries: list[Entry] = []
    fields: dict[str, str] = {}
    current = ""

    def close(number: int) -> None:
        if not fields.get("msgid"):
            fields.clear()
            return
        strings = (
            [fields.get("msgstr[0]", ""), fields.get("msgstr[1]", "")]
            if "msgid_plural" in fields
            else [fields.get("msgstr", "")]
        )
        key = Key(fields["msgid"], fields.get("msgid_plural", ""), fields.get("msgctxt", ""))
        entries.append(Entry(key, strings, f"{path.name}:{number}"))
        fields.clear()

    number = 0
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)?\s*(".*")', line)
        if match is None:
            raise MessageError(f'{path.name}:{number}: write msgid "…" or msgstr "…".')
        word, text = match[1], ast.literal_eval(match[2])
        if word in {"msgctxt", "msgid"} and ("msgstr" in fields or "msgstr[0]" in fields):
            close(number)
        if word:
            current = word
            fields[current] = ""
        fields[current] += text
    close(number)
    return entries


def gathered() -> dict[Key, Entry]:
    """All parts as one. Raises MessageError when two parts disagree about a sentence."""
    known: dict[Key, Entry] = {}
    for path in sorted(PARTS.glob("*.po")):
        for entry in read_part(path):
            other = known.setdefault(entry.key, entry)
            if other.strings != entry.strings:
                raise MessageError(
                    f"{entry.where} and {other.where} translate “{entry.key.text}” "
                    "differently: keep one of the two."
                )
    return known


def complaints(used: dict[Key, str], known: dict[Key, Entry]) -> list[str]:
    """What is missing, empty, no longer used, or loses a placeholder."""
    wrong = [
        f"{where}: no English for “{key.text}”: add it to locale/en/parts/AREA.po."
        for key, where in used.items()
        if key not in known or not all(known[key].strings)
    ]
    wrong += [
        f"{entry.where}: “{key.text}” is said nowhere any more: remove it."
        for key, entry in known.items()
        if key not in used
    ]
    for key, entry in known.items():
        expected = set(PLACEHOLDER.findall(key.text + key.plural))
        for text in filter(None, entry.strings):
            if set(PLACEHOLDER.findall(text)) - expected:
                wrong.append(f"{entry.where}: “{text}” names a value the French does not.")
    return wrong


def quoted(text: str) -> str:
    """A string as a .po file writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def written_po(entries: list[Entry]) -> str:
    """The joined file, in the order of the sentences."""
    lines = ["# Made by tools/messages.py from parts/*.po: edit those.", 'msgid ""', 'msgstr ""']
    lines += [quoted(line + "\n") for line in HEADER.splitlines()]
    for entry in entries:
        lines.append("")
        if entry.key.context:
            lines.append(f"msgctxt {quoted(entry.key.context)}")
        lines.append(f"msgid {quoted(entry.key.text)}")
        if entry.key.plural:
            lines.append(f"msgid_plural {quoted(entry.key.plural)}")
            lines += [f"msgstr[{i}] {quoted(text)}" for i, text in enumerate(entry.strings)]
        else:
            lines.append(f"msgstr {quoted(entry.strings[0])}")
    return "\n".join(lines) + "\n"


def compiled_mo(entries: list[Entry]) -> bytes:
    """The compiled file: sorted keys, offsets, then the strings (GNU gettext's format)."""
    pairs = sorted(
        [
            (b"", HEADER.encode()),
            *((e.key.stored.encode(), "\x00".join(e.strings).encode()) for e in entries),
        ]
    )
    count, head = len(pairs), 28
    keys_at, values_at = head, head + count * 8
    offset = values_at + count * 8
    tables: list[bytes] = []
    body = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), offset + len(body)))
            body += pair[column] + b"\x00"
    start = struct.pack("<7I", 0x950412DE, 0, count, keys_at, values_at, 0, offset)
    return start + b"".join(tables) + body


def main(arguments: list[str]) -> int:
    """0 when every sentence has its English."""
    used = sentences_in_use()
    known = gathered()
    if "--missing" in arguments:
        for key, where in used.items():
            if key not in known:
                print(f"# {where}\nmsgid {quoted(key.text)}")
                if key.plural:
                    print(f"msgid_plural {quoted(key.plural)}")
                    print('msgstr[0] ""\nmsgstr[1] ""\n')
                else:
                    print('msgstr ""\n')
        return 0
    wrong = complaints(used, known)
    entries = sorted(
        (entry for key, entry in known.items() if key in used and all(entry.strings)),
        key=lambda entry: entry.key.stored,
    )
    po, mo = written_po(entries), compiled_mo(entries)
    target_mo = TARGET.with_suffix(".mo")
    if "--check" in arguments:
        if not TARGET.exists() or TARGET.read_text("utf-8") != po or target_mo.read_bytes() != mo:
            wrong.append("django.po or django.mo is behind the parts: run tools/messages.py.")
    else:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(po, "utf-8")
        target_mo.write_bytes(mo)
        print(f"{len(entries)} sentences in English.")
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    sys.exit(main(sys.argv[1:]))
