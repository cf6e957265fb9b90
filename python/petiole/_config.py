"""Factories from configurations, and solves by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from petiole import _solve
from petiole._core import Event, Factory, FormatError, LinOp, Log, Vector, factory_of_json, kinds
from petiole._together import collective


def factory(config: Mapping[str, Any] | str) -> Factory:
    """The factory that a configuration describes (local): `Gmres(...)` and its like from a dict.

    config: a dict of what JSON has (and NumPy's numbers and arrays), or a string of JSON, in the form
    of Ginkgo's files; the page "Configuration" of the documentation lists all keys. FormatError, with
    the path of the key, for unknown keys and types (the known ones are listed) and for values that
    cannot be; for malformed JSON with line and column. NotSupported for what cannot be made here.
    """
    return factory_of_json(_text(config))


@collective
def solve(
    A: LinOp,
    b: Vector,
    config: Mapping[str, Any] | str,
    x0: Vector | None = None,
    *,
    callback: Callable[[Event], Any] | None = None,
    progress: bool = False,
) -> tuple[Vector, Log]:
    """Solves A x = b by the solver that a configuration describes (collective).

    config: as for `factory`; FormatError where it describes no solver. x0: the guess, which stays as
    it is; None is zero. callback: called with the events of the outermost solver. progress: rank 0
    shows how far the solve is on stderr.
    Returns x, a new Vector, and the Log; not converging is no error, the log says so.
    """

    def method(callback=None):
        made = factory_of_json(_text(config), callback)
        family = {name: family for family, name, _ in kinds()}[made.kind]
        if family != "solver":
            raise FormatError(f"type: expected a solver, {made.kind} is a {family}")
        return made

    return _solve._solve(method, "solve", A, b, x0, progress, {"callback": callback})


def _text(config):
    import json

    if isinstance(config, str):
        return config
    if not isinstance(config, Mapping):
        raise TypeError(f"config must be a dict or a string, not {type(config).__name__}")
    try:
        return json.dumps(dict(config), allow_nan=False, default=_plain)
    except RecursionError:
        raise FormatError("the configuration: it is nested too deep") from None
    except ValueError as error:
        raise FormatError(f"the configuration: {error}") from None


def _plain(value):
    """What json cannot write: NumPy's numbers and arrays, and mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a configuration holds what JSON has, not a {type(value).__name__}")
