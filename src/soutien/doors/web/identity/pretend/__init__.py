"""The demo's own identity providers, so that it can be tried without any real one.

They answer as the other side does, sign with keys of their own, and say on every page that
nothing in them is real. Outside the demo none of their addresses exists.
"""
