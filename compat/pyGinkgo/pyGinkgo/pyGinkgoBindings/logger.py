"""Loggers of solves: convergence_logger_<T>."""

import weakref

import numpy as np

from .._table import COMPLEX, VALUES, make


class _convergence_logger:
    """What a solve has come to, the same on every rank. One that a solver's `initialize_logger` made
    tells of the solver's latest apply."""

    axes = ("value_type",)

    def __init__(self, callback=None):
        if callback is not None and not callable(callback):
            raise TypeError(f"callback must be callable, not {type(callback).__name__}")
        self._callback, self._log = callback, None

    def has_converged(self):
        """Whether every column has converged; False before a solve (local)."""
        return self._log is not None and self._log.converged

    def get_num_iterations(self):
        """How many iterations were made; 0 before a solve (local)."""
        return 0 if self._log is None else self._log.iterations

    def get_residual_norm(self):
        """The residual norm at the end, a float; of the first column where there are several
        (local). RuntimeError before a solve."""
        return float(np.ravel(self._solved().residual_norm)[0])

    @property
    def residual_norms(self):
        """The residual norms at the end, an array with one per column (local)."""
        return np.ravel(self._solved().residual_norm)

    @property
    def history(self):
        """The residual norms, the initial one first: an array of shape (iterations + 1,), or
        (iterations + 1, columns) where there are several columns (local)."""
        history = np.asarray(self._solved().history)
        return history[:, 0] if history.ndim == 2 and history.shape[1] == 1 else history

    @property
    def reason(self):
        """Why the solve stopped, as `petiole.Log.reason` says it; None before a solve (local)."""
        return None if self._log is None else self._log.reason

    def _solved(self):
        if self._log is None:
            raise RuntimeError("the logger has seen no solve: apply its solver first")
        return self._log

    def __repr__(self):
        return f"<pyGinkgo.{type(self).__name__}: {self._log or 'no solve yet'}>"


LOGGER = make(globals(), _convergence_logger, VALUES | COMPLEX)


class Listeners:
    """The loggers of a solver; called with each event of its solves. Those without a callback are of use
    to the program alone, and live as long as it keeps them."""

    def __init__(self):
        self._told, self._asked = [], weakref.WeakSet()

    def add(self, logger):
        if logger._callback is None:
            self._asked.add(logger)
        else:
            self._told.append(logger)

    def __call__(self, event):
        for logger in self._told:
            logger._callback(event)

    def take(self, log):
        """Gives the log of a solve to all of them."""
        for logger in (*self._told, *self._asked):
            logger._log = log
