"""How far a solve is: a bar on a terminal where tqdm is there, else a line now and then."""

import sys
import time


class Progress:
    """A solver's callback that shows its events on stderr, before it calls the user's own."""

    SECONDS = 2.0  # between lines

    def __init__(self, name, maxiter, callback):
        self.name, self.callback = name, callback
        self.bar = None
        self.last = time.monotonic()
        if sys.stderr.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                pass
            else:
                self.bar = tqdm(desc=name, total=maxiter, unit="it", leave=False)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.bar is not None:
            self.bar.close()

    def __call__(self, event):
        norm = worst(event.residual_norm)
        if self.bar is not None:
            self.bar.set_postfix_str(f"residual {norm:.2e}", refresh=False)
            self.bar.update(event.iteration - self.bar.n)
        elif time.monotonic() - self.last >= self.SECONDS:
            self.last = time.monotonic()
            self.say(f"iteration {event.iteration}, residual {norm:.2e}")
        if self.callback is not None:
            self.callback(event)

    def finish(self, log):
        if self.bar is not None:
            self.bar.close()
        self.say(str(log))

    def say(self, text):
        print(f"{self.name}: {text}", file=sys.stderr, flush=True)


def worst(norm):
    """The largest of one norm per column."""
    return norm if isinstance(norm, float) else max(norm)
