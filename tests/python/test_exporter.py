"""Python classes that are buffers, on Python 3.11 too."""

import gc
import weakref

import numpy as np
import pytest

from petiole._core import Exporter


class Holder(Exporter):
    def __init__(self, array):
        self.array = array

    def __buffer__(self, flags):
        return memoryview(self.array)


def test_what_takes_buffers_takes_it():
    array = np.arange(6.0).reshape(2, 3)
    held = Holder(array)
    view = memoryview(held)
    assert view.shape == (2, 3) and view.format == "d" and not view.readonly
    assert bytes(held) == array.tobytes()
    assert np.asarray(held).base is not None
    np.asarray(held)[1, 2] = -1
    assert array[1, 2] == -1 and view[1, 2] == -1
    assert bytearray(held) == array.tobytes()


def test_the_flags_are_those_of_the_request():
    seen = []

    class Asked(Holder):
        def __buffer__(self, flags):
            seen.append(flags)
            return super().__buffer__(flags)

    memoryview(Asked(np.zeros(2)))
    assert seen == [0x11C]  # PyBUF_FULL_RO


def test_a_request_to_write_is_honoured():
    array = np.zeros(4, "u1")
    held = Holder(array)
    with open(__file__, "rb") as file:
        assert file.readinto(held) == 4
    assert bytes(array) == b'"""P'
    array.flags.writeable = False
    assert memoryview(held).readonly
    with open(__file__, "rb") as file, pytest.raises((BufferError, TypeError)):
        file.readinto(held)


def test_a_layout_that_was_not_asked_for_is_refused():
    held = Holder(np.arange(8.0)[::2])
    assert memoryview(held).strides == (16,)
    with open("/dev/null", "wb", buffering=0) as file, pytest.raises((BufferError, ValueError)):
        file.write(held)


def test_views_hold_the_memory_and_let_it_go():
    array = np.arange(3.0)
    gone = weakref.ref(array)
    view = memoryview(Holder(array))
    del array
    gc.collect()
    assert view.tolist() == [0, 1, 2]
    view.release()
    gc.collect()
    assert gone() is None


def test_the_memoryview_is_locked_while_it_is_used():
    memory = bytearray(4)
    view = memoryview(Holder(memory))
    with pytest.raises(BufferError):
        memory.append(1)
    view.release()
    memory.append(1)


def test_errors_come_out():
    class Raises(Exporter):
        def __buffer__(self, flags):
            raise LookupError("not today")

    class NoView(Exporter):
        def __buffer__(self, flags):
            return b"bytes"

    class Without(Exporter):
        pass

    with pytest.raises(LookupError, match="not today"):
        memoryview(Raises())
    with pytest.raises(TypeError):
        memoryview(NoView())
    for made in Without(), Exporter():
        with pytest.raises(TypeError):
            memoryview(made)


def test_it_joins_other_bases():
    class Plain:
        def __init__(self):
            self.memory = bytearray(b"abc")

    class Both(Plain, Exporter):
        def __buffer__(self, flags):
            return memoryview(self.memory)

    class Text(Exporter, str):
        def __buffer__(self, flags):
            return memoryview(self.encode())

    class Slots(Exporter):
        __slots__ = ("memory",)
        __buffer__ = Both.__buffer__

    slots = Slots()
    slots.memory = b"xy"
    assert bytes(memoryview(Both())) == b"abc"
    assert bytes(memoryview(Text("petiole"))) == b"petiole"
    assert bytes(memoryview(slots)) == b"xy" and not hasattr(slots, "__dict__")


def test_cycles_are_collected():
    held = Holder(np.zeros(3))
    held.view, held.self = memoryview(held), held
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None
