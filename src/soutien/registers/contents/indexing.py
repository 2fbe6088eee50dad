"""From a live version to what a search reads of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable

from soutien.registers.contents import words
from soutien.registers.contents.models import Content, Entry, IndexState, KnownWord, Version

# Said this often, a word is what a page is about.
OFTEN = 3
_AT_ONCE = 500


def entry_of(content: Content, version: Version, names: Iterable[str], body: str) -> Entry:
    """What a search reads: ``names`` of its categories, ``body`` in Markdown, figures filled in.

    The content has a live version.
    """
    language, told = content.language, words.plain_text(f"{version.summary}\n\n{body}")
    where = f"{version.place_name} {version.address_line} {version.postcode} {version.place_town}"
    if version.hours:
        where += f" horaires ouverture {version.hours}"
    title = list(words.written(version.title))
    inside = list(words.written(f"{told} {where} {' '.join(names)}"))
    stems = words.stems(inside, language)
    said = Counter(stems)
    headed = list(words.written(f"{version.summary} {words.headings(body)} {' '.join(names)}"))
    about = dict.fromkeys(words.stems(headed, language))
    about |= dict.fromkeys(stem for stem, times in said.items() if times >= OFTEN)
    assert content.live_from is not None
    return Entry(
        content=content,
        version=version,
        town_id=content.town_id,
        kind=content.kind,
        language=language,
        live_from=content.live_from,
        live_before=content.live_before,
        starts_at=version.starts_at,
        ends_at=version.ends_at,
        place=version.place_town,
        title_words=min(len(title), 1000),
        title=" ".join(words.stem(word, language) for word in title),
        about=" ".join(about),
        body=" ".join(stems),
        title_written=" ".join(title),
        body_written=" ".join(inside),
        told=told,
    )


def keep(entry: Entry) -> None:
    """The entry in place of what was there, and its words to mend what is typed."""
    remove(entry.content_id)
    entry.save(force_insert=True)
    know(entry.language, f"{entry.version.title} {entry.told}")
    touch()


def remove(content_id: int) -> None:
    """Nothing of it is found any more."""
    Entry.objects.filter(content_id=content_id).delete()
    touch()


def know(language: str, text: str) -> None:
    """Keep the words of a text, each once, as it is first written."""
    seen: dict[str, str] = {}
    for found in words.WORD.finditer(text):
        folded = words.fold(found[0])
        if len(folded) >= words.SHORTEST and not folded.isdigit():
            seen.setdefault(folded, found[0].lower()[: words.LONGEST])
    KnownWord.objects.bulk_create(
        [KnownWord(language=language, word=word, written=told) for word, told in seen.items()],
        batch_size=_AT_ONCE,
        ignore_conflicts=True,
    )


def touch() -> None:
    """From now on nobody answers from what they remember."""
    if not IndexState.objects.filter(pk=1).update(token=uuid.uuid4()):
        IndexState.objects.bulk_create([IndexState(pk=1)], ignore_conflicts=True)
