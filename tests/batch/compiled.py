"""Compiles the law: the very functions of ``rules/``, from their own byte code, by Numba.

Nothing is written twice. Each function of a module is rebuilt on a copy of the module's names in
which the functions it calls are the compiled ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import isfunction
from types import FunctionType, ModuleType
from typing import Any

import numba

from soutien.rules import calendar, decide, facts, money, year

# In the order in which they call each other.
MODULES: tuple[ModuleType, ...] = (calendar, money, facts, year, decide)
# What speaks with the outside in dates and texts, and never runs on a million rows.
FOR_PEOPLE = {"day_number", "civil_date", "euros"}


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """The functions a module defines, without those it imports and those for people."""
    return {
        name: value
        for name, value in vars(module).items()
        if isfunction(value) and value.__module__ == module.__name__ and name not in FOR_PEOPLE
    }


@cache
def compiled_rules() -> dict[str, Callable[..., Any]]:
    """Every function of the five modules by its name, compiled when it is first called."""
    made: dict[str, Callable[..., Any]] = {}
    for module in MODULES:
        own = functions_of(module)
        scope = dict(vars(module))
        scope.update({name: made[name] for name in scope.keys() & made.keys()})
        for name, function in own.items():
            rebuilt = FunctionType(function.__code__, scope, name, function.__defaults__)
            made[name] = scope[name] = numba.njit(rebuilt)
    return made
