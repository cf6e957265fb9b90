"""Executors by name."""

from . import gko_types
from ._executor import (
    CudaExecutor,
    DpcppExecutor,
    Executor,
    HipExecutor,
    OmpExecutor,
    ReferenceExecutor,
)

__all__ = ["cuda_available", "device"]

_HOSTS = {"cpu": ReferenceExecutor, "omp": OmpExecutor}
_DEVICES = {"cuda": CudaExecutor, "hip": HipExecutor, "dpcpp": DpcppExecutor}


def cuda_available():
    """Whether a CUDA device can be used (local)."""
    return CudaExecutor.get_num_devices() > 0


def device(type="cpu", index=None):
    """An executor by name (local): "cpu", "omp", "cuda", "hip" or "dpcpp", in any case; the number of a
    device after a colon ("cuda:1") or as `index`, else 0. An executor is returned as it is.

    Errors: ValueError for other names and for two numbers; RuntimeError, with the cure, for devices
    that this build does not drive.
    """
    if isinstance(type, Executor):
        return type
    if not isinstance(type, str):
        raise TypeError(f"expected the name of a device or an Executor, not {type!r}")
    name, *numbers = str(type).split(":")
    if len(numbers) + (index is not None) > 1:
        raise ValueError("Too many index parameters. Only one index is allowed.")
    if numbers:
        try:
            index = int(numbers[0])
        except ValueError:
            raise ValueError("Invalid device index. It should be an integer.") from None
    name = name.lower()
    if name in _HOSTS:
        return _HOSTS[name]()
    if name in _DEVICES:
        return _DEVICES[name](device_id=index or 0)
    known = ", ".join(gko_types.ExecutorType.values())
    raise ValueError(f"Unknown device type: {name}. Valid types are: {known}")
