"""« Clés pour programmes »: keys with which a program acts for one's account (doors/api)."""
