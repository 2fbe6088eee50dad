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

from soutien.rules import calendar, decide, facts, money, rights, year

# In the order in which they call each other.
MODULES: tuple[ModuleType, ...] = (calendar, money, facts, rights, year, decide)
# What speaks with the outside in dates and texts, and never runs on a million rows.
FOR_PEOPLE = {"day_number", "civil_date", "euros"}


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """The functions a module defines, without those it imports and those for people."""
    return {
        name: value
        for name, value in vars(module).items()
        if isfunction(value) and value.__module__ == module.__name__ and name not in FOR_PEOPLE
    }


def _rebuilt(function: FunctionType, scope: dict[str, Any]) -> FunctionType:
    return FunctionType(function.__code__, scope, function.__name__, function.__defaults__)


@cache
def compiled_rules() -> dict[str, Callable[..., Any]]:
    """Every function of the modules by its name, compiled when it is first called."""
    made: dict[str, Callable[..., Any]] = {}
    for module in MODULES:
        own = functions_of(module)
        scope = dict(vars(module))
        scope.update({name: made[name] for name in scope.keys() & made.keys()})
        for name, function in own.items():
            made[name] = scope[name] = numba.njit(_rebuilt(function, scope))
    return made


def compiled_on_rules(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that calls rules, compiled with the compiled ones; threads may share it."""
    assert isfunction(function)
    rules = compiled_rules()
    scope = dict(function.__globals__)
    scope.update({name: rules[name] for name in scope.keys() & rules.keys()})
    quick: Callable[..., Any] = numba.njit(_rebuilt(function, scope), nogil=True)
    return quick
