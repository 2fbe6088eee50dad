"""What towns publish: pages, news, events, addresses, documents; each version as it was written.

Nothing here is about anybody in care. What is published stands in ``Entry`` as well, in the words
that a search reads; the database itself keeps its full-text index from there (see migrations).
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

# The set that every town may show beside its own.
NATIONAL = "FR"
KINDS = ("article", "page", "event", "place", "document")
LANGUAGES = ("fr", "en")
# Addresses that a content may not take: they lead elsewhere under the same beginning.
# In one order, which a constraint keeps.
TAKEN = ("couleurs", "flux", "recherche", "rubriques")
TITLE_LENGTH, SUMMARY_LENGTH, BODY_LENGTH = 160, 400, 60_000
SLUG_LENGTH = 120


class Town(models.Model):
    """Whose portal it is: a town, or the national set (``FR``)."""

    code = models.CharField(max_length=5, unique=True, help_text="INSEE code, or FR")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    welcome = models.CharField(max_length=300, blank=True)
    colour = models.CharField(max_length=7, blank=True, help_text="#1d5c63; ours when empty")
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=120, blank=True)
    shows_national = models.BooleanField(default=True)
    own_categories = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contents_colour_written",
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9a-f]{6}$"),
            ),
        ]


class Category(models.Model):
    """A heading under which contents are found; a town's own, or of the national set."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="categories")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "slug"], name="contents_category_once"),
        ]


class Content(models.Model):
    """One page of one town: which version is read by everybody, from when, until when."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="contents")
    kind = models.CharField(max_length=10)
    language = models.CharField(max_length=2, default="fr")
    slug = models.SlugField(max_length=SLUG_LENGTH)
    live = models.ForeignKey(
        "contents.Version", null=True, on_delete=models.PROTECT, related_name="+"
    )
    live_from = models.DateTimeField(null=True)
    live_before = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    says_the_same_as = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="in_other_languages"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "language", "slug"], name="contents_address_once"
            ),
            models.CheckConstraint(
                name="contents_words",
                condition=Q(kind__in=KINDS) & Q(language__in=LANGUAGES) & ~Q(slug__in=TAKEN),
            ),
            models.CheckConstraint(
                name="contents_live_has_a_day",
                condition=Q(live__isnull=True, live_from__isnull=True, live_before__isnull=True)
                | Q(live__isnull=False, live_from__isnull=False),
            ),
            models.CheckConstraint(
                name="contents_live_ends_after",
                condition=Q(live_before__isnull=True) | Q(live_before__gt=F("live_from")),
            ),
            models.CheckConstraint(
                name="contents_trash_is_not_read",
                condition=Q(trashed_at__isnull=True) | Q(live__isnull=True),
            ),
        ]


class Version(models.Model):
    """A content as somebody wrote it at a moment; never changed."""

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=20, help_text="a role")
    title = models.CharField(max_length=TITLE_LENGTH)
    summary = models.CharField(max_length=SUMMARY_LENGTH, blank=True)
    body = models.TextField(blank=True, help_text="Markdown")
    categories = models.ManyToManyField(Category, related_name="+")
    # Events and addresses
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    place_name = models.CharField(max_length=120, blank=True)
    address_line = models.CharField(max_length=160, blank=True)
    postcode = models.CharField(max_length=5, blank=True)
    place_town = models.CharField(max_length=80, blank=True)
    hours = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=120, blank=True)
    website = models.CharField(max_length=200, blank=True)
    # What it rests on
    reviewed_on = models.DateField(null=True)
    rule_ids = models.CharField(max_length=120, blank=True)
    sources = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="contents_version_once"),
            models.CheckConstraint(
                name="contents_event_ends_after",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
        ]


class FormerAddress(models.Model):
    """Where a content was before: whoever kept that address is led to it."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    slug = models.SlugField(max_length=SLUG_LENGTH)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "language", "slug"], name="contents_former_address_once"
            ),
        ]


class Entry(models.Model):
    """What a search reads of a content that has a live version.

    ``title``, ``about`` and ``body`` hold stems, the last two columns words as written; all in
    ASCII, one space between two, as ``words.py`` makes them. ``told`` is the text to quote from.
    """

    content = models.OneToOneField(
        Content, primary_key=True, on_delete=models.CASCADE, related_name="entry"
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    live_from = models.DateTimeField()
    live_before = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=80, blank=True)
    title_words = models.PositiveSmallIntegerField()
    title = models.TextField()
    about = models.TextField()
    body = models.TextField()
    title_written = models.TextField()
    body_written = models.TextField()
    told = models.TextField()


class KnownWord(models.Model):
    """A word that some page has or had, to mend what is typed: folded, and as it was written."""

    language = models.CharField(max_length=2)
    word = models.CharField(max_length=40)
    written = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "word"], name="contents_word_once"),
        ]


class IndexState(models.Model):
    """One row: another token whenever an entry changes, so that nobody answers from memory."""

    token = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(name="contents_one_state", condition=Q(pk=1))]
