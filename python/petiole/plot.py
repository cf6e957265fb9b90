"""Pictures of a solve, by matplotlib: `pip install petiole[plot]`."""

from typing import Any

import numpy as np

from petiole._core import Log

__all__ = ["history"]


def history(log: Log, ax: Any = None, label: str | None = None) -> Any:
    """Draws the norm of the residual over the iterations, on a logarithmic scale (local).

    A line per column, up to where the column stopped, and a cross at its end for the true residual,
    ||b - A x||, where it was computed. ax: matplotlib's axes to draw into; None is a new figure's, of
    pyplot. label: the name of the lines, with the column's number where there are several.
    Returns the axes. ImportError where matplotlib is not installed.
    """
    if ax is None:
        ax = _pyplot().subplots(layout="constrained")[1]
        ax.set(xlabel="iteration", ylabel="norm of the residual")
        ax.grid(alpha=0.3)
    norms = np.asarray(log.history)
    columns = norms.reshape(norms.shape[0], -1).T
    ends = np.atleast_1d(log.column_iterations)
    truths = np.atleast_1d(log.true_residual_norm)
    for j, (values, end, truth) in enumerate(zip(columns, ends, truths)):
        name = label if label is None or norms.ndim == 1 else f"{label} {j}"
        (line,) = ax.semilogy(values[: end + 1], label=name)
        if np.isfinite(truth):
            ax.semilogy([end], [truth], "x", color=line.get_color())
    return ax


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise ImportError(f"petiole.plot: {error} (pip install 'petiole[plot]')") from error
    return matplotlib.pyplot
