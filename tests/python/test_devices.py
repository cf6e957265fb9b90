"""Arrays in a GPU's memory, on a machine that may have none: refused with the reason and the cure, wherever
arrays enter, and their memory is never looked at."""

import numpy as np
import pytest

import petiole as pt

NOWHERE = 0x10  # an address that ends the process where it is read


class OnGpu:
    """What CuPy's and PyTorch's arrays say of themselves, and nothing else."""

    def __init__(self, count=3, typestr="<f8", address=NOWHERE):
        self.__cuda_array_interface__ = {
            "shape": (count,),
            "typestr": typestr,
            "data": (address, False),
            "version": 3,
        }


class Dlpack:
    def __init__(self, device=(2, 0)):
        self.device = device

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **kwargs):
        raise AssertionError("the memory is asked for")


class Both(OnGpu):
    """CuPy's has all of it; to be made an array of NumPy's it refuses."""

    __dlpack_device__, __dlpack__ = lambda self: (2, 0), Dlpack.__dlpack__

    def __array__(self, *args, **kwargs):
        raise AssertionError("a copy is asked for")

    def __len__(self):
        raise AssertionError("its elements are asked for")


class Interrupted:
    @property
    def __cuda_array_interface__(self):
        raise KeyboardInterrupt


class InterruptedBuffer(pt._core.Exporter):
    def __buffer__(self, flags):
        raise KeyboardInterrupt


ONES = np.ones(3)
PART = pt.Partition.uniform(1, 3)
IDENTITY = [0, 1, 2, 3], [0, 1, 2], ONES


def vector():
    return pt.Vector.from_local(None, ONES)


def matrix():
    return pt.Matrix.from_coo(None, PART, [0, 1, 2], [0, 1, 2], ONES)


def set_local(array):
    vector().local = array


ENTRIES = {
    "from_local": lambda a: pt.Vector.from_local(None, a),
    "view": lambda a: pt.Vector.view(None, a),
    "from_global indices": lambda a: pt.Vector.from_global(None, PART, a, ONES),
    "from_global values": lambda a: pt.Vector.from_global(None, PART, [0, 1, 2], a),
    "local": set_local,
    "coefficients": lambda a: vector().scale(a),
    "from_coo rows": lambda a: pt.Matrix.from_coo(None, PART, a, [0, 1, 2], ONES),
    "from_coo cols": lambda a: pt.Matrix.from_coo(None, PART, [0, 1, 2], a, ONES),
    "from_coo values": lambda a: pt.Matrix.from_coo(None, PART, [0, 1, 2], [0, 1, 2], a),
    "from_csr indptr": lambda a: pt.Matrix.from_csr(None, a, *IDENTITY[1:]),
    "from_csr values": lambda a: pt.Matrix.from_csr(None, *IDENTITY[:2], a),
    "update_values": lambda a: matrix().update_values(a),
    "Csr indptr": lambda a: pt.Csr.from_arrays((3, 3), a, *IDENTITY[1:]),
    "Csr indices": lambda a: pt.Csr.from_arrays((3, 3), IDENTITY[0], a, ONES),
    "Csr values": lambda a: pt.Csr.from_arrays((3, 3), *IDENTITY[:2], a),
    "Csr view": lambda a: pt.Csr.from_arrays(
        (3, 3), np.array(IDENTITY[0]), np.array(IDENTITY[1]), a, copy=False
    ),
    "Coo rows": lambda a: pt.Coo.from_arrays((3, 3), a, [0, 1, 2], ONES),
    "Dense": pt.Dense,
    "Dense view": pt.Dense.view,
    "from_ranges": pt.Partition.from_ranges,
    "from_mapping": lambda a: pt.Partition.from_mapping(a, 2),
    "IndexMap": lambda a: pt.IndexMap(PART, 0, a),
    "to_local": lambda a: pt.IndexMap(PART, 0, []).to_local(a),
    "allreduce": lambda a: pt.Communicator.self().allreduce(a),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    "array",
    [OnGpu(), OnGpu(address=0), OnGpu(typestr="<i8"), OnGpu(count=0), Dlpack(), Dlpack((10, 1)), Both()],
    ids=["cuda", "null", "integers", "empty", "dlpack", "dlpack-rocm", "both"],
)  # fmt: skip
def test_arrays_of_a_gpu_are_refused_with_the_cure(entry, array):
    with pytest.raises(
        pt.NotSupported, match=r"is in a GPU's memory .*: copy it to the host first"
    ):
        ENTRIES[entry](array)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    "interface",
    [
        3,
        {},
        {"shape": (3,), "typestr": "<f8"},
        {"shape": 3, "typestr": "<f8", "data": (NOWHERE, False)},
        {"shape": (3,), "typestr": 8, "data": (NOWHERE, False)},
        {"shape": (3,), "typestr": "<f8", "data": NOWHERE},
        {"shape": (3,), "typestr": "<f8", "data": (None, False)},
        {"shape": (3,), "typestr": "<f8", "data": (NOWHERE,)},
    ],
)
def test_an_interface_that_is_none_is_refused_with_the_reason(entry, interface):
    array = OnGpu()
    array.__cuda_array_interface__ = interface
    with pytest.raises(pt.DtypeError, match="expected a dict with the tuple shape"):
        ENTRIES[entry](array)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("device", [None, 2, (2,), ("cuda", 0), (2, 0, 0)])
def test_dlpack_that_does_not_say_where_is_refused(entry, device):
    with pytest.raises(pt.DtypeError, match="no __dlpack_device__ that says where"):
        ENTRIES[entry](Dlpack(device))


def test_what_is_on_the_host_may_have_the_attribute():
    """PyTorch's tensors have the property whatever their device, and it raises for the host's."""

    class Tensor:
        def __init__(self, array, error):
            self.array, self.error = array, error

        @property
        def __cuda_array_interface__(self):
            raise self.error("not on a GPU")

        def __array__(self, dtype=None, copy=None):
            return self.array

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

        def __dlpack__(self, **kwargs):
            return self.array.__dlpack__(**kwargs)

    class Managed(np.ndarray):
        """Memory that both can read is read as the host's."""

        __cuda_array_interface__ = OnGpu().__cuda_array_interface__

    for error in AttributeError, RuntimeError:
        array = np.arange(3.0)
        v = pt.Vector.view(None, Tensor(array, error))
        v.scale(2)
        assert array.tolist() == [0, 2, 4]
    nothing = Tensor(np.arange(3.0), AttributeError)
    v = pt.Vector.zeros(None, 3)
    v.local = nothing
    assert v.local.tolist() == [0, 1, 2]
    assert pt.Vector.from_local(None, np.arange(3.0).view(Managed)).local.tolist() == [0, 1, 2]


def test_none_is_no_interface():
    class Host(Dlpack):
        __cuda_array_interface__ = None

        def __dlpack__(self, **kwargs):
            return np.arange(3.0).__dlpack__(**kwargs)

    assert pt.Vector.from_local(None, Host((1, 0))).local.tolist() == [0, 1, 2]


def test_the_cuda_executor_says_why_it_is_not_there():
    for make in pt.Executor.Cuda, pt.Cuda, lambda: pt.Cuda(device=1):
        with pytest.raises(
            pt.NotSupported, match="no CUDA executor.*OpenMP.*copy arrays"
        ) as caught:
            make()
        assert isinstance(caught.value, NotImplementedError)
    assert pt.Executor.cuda_devices() == 0


@pytest.mark.parametrize("array", (Interrupted(), InterruptedBuffer()), ids=("device", "buffer"))
def test_an_interrupt_while_an_array_is_asked_is_one(array):
    with pytest.raises(KeyboardInterrupt):
        pt.Vector.from_local(None, array)


def test_a_device_that_no_integer_holds():
    with pytest.raises(pt.DtypeError, match="by two integers"):
        pt.Vector.from_local(None, Dlpack((2**40, 0)))
