"""Days and moments in words, for pages: the same as in letters (``soutien.doors.days``)."""

from soutien.doors.days import clock as clock
from soutien.doors.days import days_ago as days_ago
from soutien.doors.days import distance as distance
from soutien.doors.days import full_day as full_day
from soutien.doors.days import in_french as in_french
from soutien.doors.days import local as local
from soutien.doors.days import phone as phone
from soutien.doors.days import plain_day as plain_day
from soutien.doors.days import short_day as short_day
