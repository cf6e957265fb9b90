"""`petiole doctor`: what to paste into a bug report, and whether the parts fit together."""

import os

import petiole as pt
from petiole.cli import probes
from petiole.cli.job import RANKS, communicator, launched, launched_rank, say, under_launcher

SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")  # how launchers say how many they started


def add(commands):
    parser = commands.add_parser(
        "doctor",
        help="what a bug report needs: versions, MPI, threads, and whether they agree",
        description="Prints versions, the machine, which MPI is used and whether launcher, library "
        "and mpi4py agree. Run it as your program runs, alone and under mpirun. Exit status: 0 where "
        "all is well, 1 where something does not fit.",
    )
    parser.set_defaults(run=run)


def run(options):
    report = Report()
    world = report.world()  # every rank takes part
    if launched_rank() == 0:
        report.versions()
        report.machine()
        report.mpi(world)
        say("\n".join(report.lines))
        say(report.verdict())
    if world:
        return int(world[0].allreduce(int(bool(report.problems)), "max"))
    # Alone, a rank that leaves with 1 may end the job before rank 0 has spoken.
    return int(bool(report.problems)) if launched_rank() == 0 else 0


class Report:
    """Lines of text, and what does not fit."""

    def __init__(self):
        self.lines, self.problems = [], []

    def add(self, name, probe, *arguments):
        """A line from a probe, which may fail without harm to the others; what the probe gave."""
        try:
            text = probe(*arguments)
        except Exception as error:
            self.lines.append(f"{name:18} cannot be told ({type(error).__name__}: {error})")
            return None
        self.lines.append(f"{name:18} {text}")
        return text

    def world(self):
        """(communicator, its size, number of nodes) under a launcher, else None; collective."""
        if not under_launcher():
            return None
        try:
            comm = communicator()
            return comm, comm.size, int(comm.allreduce(int(comm.node_rank == 0), "sum"))
        except Exception as error:
            self.problems.append(f"MPI cannot be started: {error}")
            return None

    def versions(self):
        from platform import python_implementation, python_version

        self.lines.append(f"{'petiole':18} {pt.__version__} in {os.path.dirname(pt.__file__)}")
        self.lines.append(f"{'python':18} {python_implementation()} {python_version()}")
        for package in ("numpy", "scipy", "mpi4py", "tqdm", "matplotlib"):
            self.add(package, probes.version, package)

    def machine(self):
        self.add("system", probes.system)
        self.add("processor", probes.processor)
        self.add("cores", probes.cores)
        self.add("memory", probes.memory)
        self.add("default executor", probes.executor)
        self.add("devices", probes.devices)
        for text in probes.environment():
            self.lines.append(f"{'environment':18} {text}")

    def mpi(self, world):
        info = pt.mpi_info()
        launcher = info["launcher"]
        adaptors = [name for name in info["adaptors"].split(",") if name]
        self.lines.append(f"{'adaptors':18} {', '.join(adaptors) or 'none'}")
        self.launcher(launcher, world)
        if world:
            self.lines.append(f"{'MPI in use':18} {describe(info)}, adaptor {info['adaptor']}")
        else:
            self.add("MPI by itself", self.look, "Petiole", adaptors, launcher)
        if probes.version("mpi4py") != "not installed":
            self.add("MPI of mpi4py", self.look, "mpi4py", adaptors, launcher)

    def launcher(self, launcher, world):
        if not under_launcher():
            self.lines.append(f"{'launcher':18} none: one process")
            self.add("mpirun", probes.mpirun)
            return
        told = launched(SIZES)
        for name in (*SIZES, *RANKS):
            if name in os.environ and launched([name]) is None:
                self.problems.append(f"{name} is {os.environ[name]!r}, which is no number")
        text = f"{launcher or 'of an unknown kind'}, {told if told is not None else '?'} processes"
        if world:
            _, size, nodes = world
            text += f"; MPI sees {size} on {nodes} node{'s' * (nodes > 1)}"
            if told not in (None, size):
                self.problems.append(f"the launcher started {told} processes, MPI sees {size}")
        self.lines.append(f"{'launcher':18} {text}")

    def look(self, whose, adaptors, launcher):
        """What mpi4py or Petiole itself would load here."""
        try:
            of_mpi4py = whose == "mpi4py"
            info = probes.mpi_of_mpi4py() if of_mpi4py else probes.mpi_without_mpi4py(launcher)
        except RuntimeError as error:
            self.problems.append(f"{whose} finds no MPI: {error}")
            return "none"
        if not info["path"]:
            wanted = os.environ.get("PETIOLE_MPI")
            if wanted:
                self.problems.append(f"PETIOLE_MPI is {wanted}, and no such library can be loaded")
            return "none" if wanted or launcher else "none: one process"
        interface = info["interface"]
        if interface not in adaptors:
            self.problems.append(
                f"{whose} loads {describe(info)}, and there is no adaptor for {interface or 'it'}")  # fmt: skip
        if launcher and interface not in (launcher, "mpi-abi"):
            self.problems.append(
                f"the launcher is of {launcher}, but {whose} loads {describe(info)}: each process "
                f"would believe that it is alone. Use the mpirun of that library")  # fmt: skip
        return f"{describe(info)}, interface {interface}"

    def verdict(self):
        if not self.problems:
            return "verdict: all is well"
        return "\n".join([*(f"problem: {text}" for text in self.problems),
                          f"verdict: {len(self.problems)} of these parts do not fit"])  # fmt: skip


def describe(info):
    first = " ".join(info["library"].splitlines()[0].split()) if info["library"] else "unknown"
    return f"{first.split(', package')[0]} ({info['path']})"
