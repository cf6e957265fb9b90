"""Factories from what programs describe them by: JSON texts, dicts, classes of the bindings."""

import json
from collections.abc import Mapping

import petiole as pt
from petiole._core import factory_of_json, kinds

_SOLVER_TYPES = {
    name
    for family, kind, title in kinds()
    if family == "solver"
    for name in (kind, title, f"{family}::{kind}", f"{family}::{title}")
}


NO_DIVERGENCE = 1e300  # the bindings' solvers do not stop where a residual grows


def factory_of(description, callback=None):
    """The Petiole factory that a JSON text or a dict describes (local). Petiole's FormatError lists
    what is known where a key or a type is not. Residuals are those of the recurrences."""
    if isinstance(description, str):
        try:
            description = json.loads(description)
        except ValueError:
            return pt.factory(description)  # refuses it, with line and column
    text = json.dumps(_unchecked(description), default=_plain)
    return factory_of_json(text, callback)


def is_solver(factory):
    """Whether a Petiole factory generates solvers."""
    return factory.kind in _SOLVER_TYPES


def local_factory(description):
    """A factory from a class of the bindings, a Petiole factory, a dict or a JSON text."""
    if isinstance(description, pt.Factory):
        return description
    if isinstance(description, str | Mapping):
        return factory_of(description)
    made = getattr(description, "_local_factory", None) if isinstance(description, type) else None
    if made is None:
        raise TypeError(
            f"local_solver is {description!r}: expected a class of preconditioner or solver that "
            "needs no more parameters, a dict or a JSON text as for config_solve, or an operator"
        )
    return made()


def _unchecked(value):
    """A copy in which solvers, unless told to, do not look at b - A x in the end, and go on
    however much the residual grows."""
    if isinstance(value, Mapping):
        copy = {key: _unchecked(item) for key, item in value.items()}
        if copy.get("type") in _SOLVER_TYPES:
            copy.setdefault("true_residual", False)
            if "criteria" in copy:
                copy["criteria"] = _without_divergence(copy["criteria"])
        return copy
    if isinstance(value, list | tuple):
        return [_unchecked(item) for item in value]
    return value


def _without_divergence(criteria):
    """Criteria among which is one of divergence, which would be there by default, out of reach."""
    if isinstance(criteria, Mapping) and "type" not in criteria:
        return {"divergence": NO_DIVERGENCE} | criteria
    criteria = [criteria] if isinstance(criteria, Mapping) else criteria
    if not isinstance(criteria, list):
        return criteria
    return [*criteria, {"type": "Divergence", "factor": NO_DIVERGENCE}]


def _plain(value):
    """NumPy's numbers and arrays, which json cannot write."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a configuration holds what JSON has, not a {type(value).__name__}")
