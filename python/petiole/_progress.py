"""How far a solve is: a bar on a terminal where tqdm is there, else a line now and then.

Rank 0 alone shows it, so what cannot be shown (stderr is closed, its reader has gone) is let be: no
other rank would fail with it.
"""

import contextlib
import sys
import time

unless_unseen = contextlib.suppress(OSError, ValueError)  # of a file that is broken or closed


class Progress:
    """A solver's callback that shows its events on stderr, before it calls the user's own."""

    SECONDS = 2.0  # between lines

    def __init__(self, name, maxiter, callback):
        self.name, self.callback = name, callback
        self.bar = None
        self.last = time.monotonic()
        with unless_unseen, contextlib.suppress(ImportError):
            if sys.stderr and sys.stderr.isatty():  # None where it was closed (2>&-)
                from tqdm import tqdm

                self.bar = tqdm(desc=name, total=maxiter, unit="it", leave=False)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        with unless_unseen:
            if self.bar is not None:
                self.bar.close()

    def __call__(self, event):
        with unless_unseen:
            self.show(event.iteration, worst(event.residual_norm))
        if self.callback is not None:
            self.callback(event)

    def show(self, iteration, norm):
        if self.bar is not None:
            self.bar.set_postfix_str(f"residual {norm:.2e}", refresh=False)
            self.bar.update(iteration - self.bar.n)
        elif time.monotonic() - self.last >= self.SECONDS:
            self.last = time.monotonic()
            self.say(f"iteration {iteration}, residual {norm:.2e}")

    def finish(self, log):
        self.__exit__()
        with unless_unseen:
            self.say(str(log))

    def say(self, text):
        if sys.stderr:
            print(f"{self.name}: {text}", file=sys.stderr, flush=True)


def worst(norm):
    """The largest of one norm per column."""
    return norm if isinstance(norm, float) else max(norm)
