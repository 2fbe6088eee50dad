"""The unguessable address of a booking, for pages (``soutien.doors.booking_links``)."""

from soutien.doors.booking_links import booking_path as booking_path
from soutien.doors.booking_links import public_id_of as public_id_of
from soutien.doors.booking_links import token_of as token_of
