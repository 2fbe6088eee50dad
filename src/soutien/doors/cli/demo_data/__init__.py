"""The demo's made-up country: psychologists, agendas, people, their sessions, and the accounts.

The same seed and the same moment make the same data. Described in docs/demo.md.
"""

from soutien.doors.cli.demo_data.accounts import ACCOUNTS, DemoAccount
from soutien.doors.cli.demo_data.load import Scale, load

__all__ = ["ACCOUNTS", "DemoAccount", "Scale", "load"]
