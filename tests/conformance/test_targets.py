"""What becomes of the file that is written over, and of what is beside it."""

import contextlib
import fcntl
import os
import socket

import numpy as np
import pytest
from files import SUFFIXES, small, together

import petiole as pt


def ones(comm, rows=3, dtype="float64"):
    return pt.Vector.from_local(comm, np.ones(rows, dtype))


@contextlib.contextmanager
def on_rank_0(comm):
    """What one rank does, once the others are here, and before they go on."""
    comm.barrier()
    yield comm.rank == 0
    comm.barrier()


@contextlib.contextmanager
def umask(mask):
    before = os.umask(mask)
    yield
    os.umask(before)


def mode(path):
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_mode_and_owner_are_kept(comm, folder, suffix):
    path, new = folder / f"a.{suffix}", folder / f"new.{suffix}"
    ones(comm).write(path)
    for bits in 0o640, 0o600, 0o666:
        with on_rank_0(comm) as here:
            if here:
                path.chmod(bits)
                if os.geteuid() == 0:
                    os.chown(path, 65534, 65534)
        with umask(0o077):
            (2 * ones(comm)).write(path)
        assert mode(path) == bits
        assert os.geteuid() != 0 or (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
        assert pt.Vector.read(path, comm).allgather()[0] == 2
    for mask in 0o027, 0o777:
        with umask(mask):
            ones(comm).write(new)
        assert mode(new) == 0o666 & ~mask
        comm.barrier()
        if comm.rank == 0:
            new.unlink()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_links(comm, folder, suffix):
    """A symbolic link stays and leads to the new file; another hard link keeps the old one."""
    path = folder / "far" / f"a.{suffix}"
    link, chain, dangling, loop, hard = (
        folder / f"{name}.{suffix}" for name in ("link", "chain", "dangling", "loop", "hard")
    )
    with on_rank_0(comm) as here:
        if here:
            path.parent.mkdir()
            link.symlink_to(f"far/{path.name}")
            chain.symlink_to(link)
            dangling.symlink_to(f"far/new.{suffix}")
            loop.symlink_to(loop.name)
    ones(comm).write(path)
    with on_rank_0(comm) as here:
        if here:
            os.link(path, hard)
    (3 * ones(comm)).write(chain)
    ones(comm).write(dangling)
    assert chain.is_symlink() and link.is_symlink() and dangling.is_symlink()
    assert not path.is_symlink() and dangling.resolve().is_file()
    assert pt.Vector.read(path, comm).allgather()[0] == 3
    assert pt.Vector.read(dangling, comm).allgather()[0] == 1
    assert pt.Vector.read(hard, comm).allgather()[0] == 1
    with together(comm, pt.FileError, "ymbolic links"):
        ones(comm).write(loop)


def test_abandoned_temporary_files(comm, folder):
    """Those that nobody holds go, a living writer's and what only looks alike stay."""
    names = ["a.mtx.78.part", "a.mtx.x.part", "a.mtx.part", "b.mtx.77.part", "a.mtx.79.part",
             "a.mtx.80.part", "victim"]  # fmt: skip
    with on_rank_0(comm) as here:
        if here:
            for name in ["a.mtx.77.part", *names[:4], "victim"]:
                (folder / name).write_bytes(b"old")
            held = os.open(folder / names[0], os.O_RDWR)
            fcntl.flock(held, fcntl.LOCK_EX)
            (folder / "a.mtx.79.part").symlink_to("victim")
            os.mkfifo(folder / "a.mtx.80.part")
    ones(comm).write(folder / "a.mtx")
    assert {p.name for p in folder.iterdir()} == {"a.mtx", *names}
    with on_rank_0(comm) as here:
        if here:
            os.close(held)
    ones(comm).write(folder / "a.mtx")
    assert not (folder / names[0]).exists()


def test_what_is_no_regular_file(comm, folder):
    A, _ = small(comm)
    listener = socket.socket(socket.AF_UNIX)
    with on_rank_0(comm) as here:
        if here:
            os.mkfifo(folder / "pipe")
            (folder / "link").symlink_to("pipe")
            with contextlib.chdir(folder):  # the name of a socket must be short
                listener.bind("socket")
    for path in folder / "pipe", folder / "link", folder / "socket", "/dev/zero", "/dev/null":
        for call, *arguments in (
            (pt.Matrix.read, comm),
            (pt.Vector.read, comm),
            (A.write, "mtx"),
            (ones(comm).write, "binary"),
        ):
            with together(comm, pt.FileError, "not a regular file"):
                call(path, *arguments)
    comm.barrier()
    listener.close()


def test_one_file_by_two_names(comm, folder):
    """It is the inode that counts, and not only the size."""
    A, _ = small(comm)
    A.write(folder / "a.ptl")
    A.write(folder / "b.ptl")
    with on_rank_0(comm) as here:
        if here:
            os.link(folder / "a.ptl", folder / "same.ptl")
    last = comm.rank == comm.size - 1
    assert pt.Matrix.read(folder / ("same.ptl" if last else "a.ptl"), comm).nnz == A.nnz
    if comm.size > 1:
        with together(comm, pt.FileError, "different files.*replaced"):
            pt.Matrix.read(folder / ("b.ptl" if last else "a.ptl"), comm)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_ranks_that_write_different_things_touch_nothing(comm, folder, suffix):
    path = folder / f"a.{suffix}"
    A, n = small(comm)
    ones(comm).write(path)
    before, names = path.read_bytes(), {p.name for p in folder.iterdir()}
    if comm.size == 1:
        pytest.skip("needs ranks that differ")
    first = comm.rank == 0
    part = pt.Partition.uniform(comm.size, n)
    placed = pt.Vector.from_global(comm, part, [], np.zeros(0))
    wide = pt.Vector.from_local(comm, np.ones((3, 2)))
    other = pt.Partition.from_mapping(np.arange(n)[::-1] % comm.size, comm.size)
    moved = pt.Matrix.from_coo(comm, other, [], [], np.zeros(0))
    longer = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, n + 1), [], [], np.zeros(0))
    for one in (ones(comm, dtype="float32"), ones(comm, dtype="float16"), ones(comm, 4), wide,
                placed, A):  # fmt: skip
        with together(comm, pt.Error):
            (one if first else ones(comm)).write(path)
    for one in A.astype("float32"), moved, longer:
        with together(comm, pt.DimensionError, "objects"):
            (one if first else A).write(path)
    comm.barrier()
    assert path.read_bytes() == before and {p.name for p in folder.iterdir()} == names
