"""Where things run: Petiole's executors under the names of the bindings."""

import petiole as pt

__all__ = [
    "Allocator",
    "CudaExecutor",
    "DpcppExecutor",
    "Executor",
    "HipExecutor",
    "OmpExecutor",
    "OmpExecutorBase",
    "ReferenceExecutor",
]


class Allocator:
    """The base of what allocates the memory of a GPU."""

    def __init__(self):
        raise TypeError("Allocator is a base class: no constructor defined")


class Executor:
    """The base of all executors."""

    _petiole = None

    def __init__(self):
        raise TypeError(f"{type(self).__name__} is a base class: no constructor defined")

    def synchronize(self):
        """Waits for what is running on the executor (local)."""
        self._petiole.synchronize()

    def __repr__(self):
        return f"<pyGinkgo.{type(self).__name__}>"


class OmpExecutorBase(Executor):
    """The base of those of the host."""


class OmpExecutor(OmpExecutorBase):
    """As many threads as OMP_NUM_THREADS says, else one."""

    def __init__(self):
        self._petiole = pt.OpenMP()


class ReferenceExecutor(OmpExecutor):
    """One thread, plain loops."""

    def __init__(self):
        self._petiole = pt.Reference()


class _DeviceExecutor(Executor):
    """A GPU; Petiole is built without one here, so making one is refused."""

    kind = "GPU"

    def __init__(self, device_id=0, *args, **kwargs):
        count = self.get_num_devices()
        if not 0 <= device_id < count:
            raise RuntimeError(
                f"{type(self).__name__}({device_id}): this build of Petiole drives {count} "
                f'{self.kind} devices; use ReferenceExecutor() or OmpExecutor(), device("cpu") or '
                'device("omp")'
            )

    @staticmethod
    def get_num_devices():
        """How many devices can be used (local)."""
        return 0


class CudaExecutor(_DeviceExecutor):
    __doc__ = _DeviceExecutor.__doc__
    kind = "CUDA"


class HipExecutor(_DeviceExecutor):
    __doc__ = _DeviceExecutor.__doc__
    kind = "HIP"


class DpcppExecutor(_DeviceExecutor):
    __doc__ = _DeviceExecutor.__doc__
    kind = "SYCL"
    _types = "all", "cpu", "gpu", "accelerator", "host"

    @staticmethod
    def get_num_devices(device_type="all"):
        """How many devices of a type, "all", "cpu", "gpu", "accelerator" or "host", can be used (local)."""
        if device_type not in DpcppExecutor._types:
            known = ", ".join(DpcppExecutor._types)
            raise ValueError(f"device_type is {device_type!r}: expected one of {known}")
        return 0


def petiole_executor(executor):
    """The Petiole executor of an executor of the bindings."""
    if not isinstance(executor, Executor):
        raise TypeError(f"expected an Executor, not {type(executor).__name__}")
    return executor._petiole
