"""Running commands as users do: in these tests' own environment, or as somebody with nothing."""

import os
import pathlib
import shutil
import subprocess

from limits import limit

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(argv, **options):
    """Output of a command that must succeed; the test shows it where it does not.

    `timeout` is for an idle machine.
    """
    options["timeout"] = limit(options.get("timeout", 300))
    done = subprocess.run([str(word) for word in argv], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)  # fmt: skip
    assert done.returncode == 0, f"{done.args} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


class User:
    """An ordinary user with a folder of their own, who sees no MPI but that of an environment.

    Where the tests run as root, it is nobody.
    """

    TOOLS = ("sh", "bash", "env", "cat", "uname", "hostname", "sed", "dirname", "cc", "as", "ld")

    def __init__(self, home):
        self.home = home
        self.tools = home / "tools"
        self.tools.mkdir()
        for name in self.TOOLS:
            where = shutil.which(name)
            if where:
                (self.tools / name).symlink_to(where)
        self.switch = []
        if os.geteuid() == 0:
            shutil.chown(home, "nobody", "nogroup")
            self.switch = ["runuser", "-u", "nobody", "--"]

    def run(self, argv, environment=None, **options):
        """Output of a command, with an environment's commands and the tools alone on its path."""
        keep = ("PIP_", "SSL_", "REQUESTS_", "http", "HTTP", "no_proxy", "NO_PROXY")
        env = {name: value for name, value in os.environ.items() if name.startswith(keep)}
        path = ([environment / "bin"] if environment else []) + [self.tools]
        env |= {"HOME": str(self.home), "TMPDIR": str(self.home), "OMP_NUM_THREADS": "1",
                "LC_ALL": "C.UTF-8", "PATH": ":".join(map(str, path))}  # fmt: skip
        return run([*self.switch_by_path(), *argv], env=env, cwd=self.home, **options)

    def switch_by_path(self):
        return [shutil.which(self.switch[0]), *self.switch[1:]] if self.switch else []
