"""Tensors of a file that PyTorch wrote before version 1.6, read without PyTorch and without running anything that the file says.

Such a file is a few pickles, and then the numbers of each storage. A pickle is a program for a machine with a stack. The one here
knows the instructions that a dictionary of tensors is written in, and two things that may be called, neither of which calls
anything: whatever else a file asks for is refused, before it is done.
"""

from __future__ import annotations

import io
import pickletools  # reads instructions, and runs none of them
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from probatum.errors import UnreadableArtefact
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_MOST = 512 * 1024 * 1024  # bytes of a file
_TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4", "HalfStorage": "<f2"}
_ORDERED = ("collections", "OrderedDict")
_TENSOR = ("torch._utils", "_rebuild_tensor_v2")
_MARK = object()


@dataclass(frozen=True, slots=True)
class _Name:
    """Something that a pickle may name, and that is called by nobody."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: str
    length: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(path: Path) -> dict[str, NDArray[np.generic]]:
    """Return the tensors of a file by name.

    Raises
    ------
    UnreadableArtefact
        If it is not there, is too big, is not such a file, or asks for anything but tensors.
    """
    try:
        if path.stat().st_size > _MOST:
            raise _refused(path, f"it is larger than {_MOST // 2**20} MiB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in a text of the file
            # In memory: a file that promises more bytes than it has makes nobody reserve room for them.
            return _read(io.BytesIO(path.read_bytes()))
    except OSError as problem:
        raise _refused(path, (problem.strerror or str(problem)).lower()) from None
    except (ValueError, LookupError, TypeError, OverflowError, AttributeError, RecursionError) as problem:
        raise _refused(path, str(problem) or "it ends too early") from None


def _read(file: BinaryIO) -> dict[str, NDArray[np.generic]]:
    if _value(file) != _MAGIC or _value(file) != _PROTOCOL:
        raise ValueError("it is not a file of tensors")
    _value(file)  # sizes of types on the machine that wrote it
    found, keys = _value(file), _value(file)
    if not isinstance(found, dict) or not isinstance(keys, list):
        raise TypeError("it is not a dictionary of tensors")
    wanted = {tensor.storage.key: tensor.storage for tensor in found.values() if isinstance(tensor, _Tensor)}
    if any(not isinstance(tensor, _Tensor) for tensor in found.values()) or set(keys) != set(wanted):
        raise ValueError("it has something beside tensors")
    storages = {key: _numbers(file, wanted[key]) for key in keys}
    return {str(name): _tensor(one, storages[one.storage.key]) for name, one in found.items()}


def _numbers(file: BinaryIO, storage: _Storage) -> NDArray[np.generic]:
    import numpy as np

    length = int.from_bytes(file.read(8), "little")
    size = length * np.dtype(storage.dtype).itemsize
    raw = file.read(size) if length == storage.length and size <= _MOST else b""
    if len(raw) != size or length != storage.length:
        raise ValueError(f"storage `{storage.key}` is not whole")
    return np.frombuffer(raw, dtype=storage.dtype)


def _tensor(one: _Tensor, numbers: NDArray[np.generic]) -> NDArray[np.generic]:
    import numpy as np

    if len(one.shape) != len(one.strides) or min((one.offset, *one.shape, *one.strides), default=0) < 0:
        raise ValueError("a tensor has no shape")
    last = one.offset + sum((size - 1) * stride for size, stride in zip(one.shape, one.strides, strict=True))
    if 0 in one.shape:
        return np.zeros(one.shape, numbers.dtype)
    if last >= len(numbers):
        raise ValueError("a tensor lies outside its storage")
    strides = tuple(stride * numbers.itemsize for stride in one.strides)
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers[one.offset :], one.shape, strides, writeable=False))


def _value(file: BinaryIO) -> Any:
    """Return what a pickle makes, of numbers, texts, lists, dictionaries and tensors alone."""
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    for opcode, argument, _ in pickletools.genops(file):
        name = opcode.name
        if name == "STOP":
            [value] = stack
            return value
        if name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _ARGUMENTS:
            stack.append(argument)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name in ("EMPTY_DICT", "EMPTY_LIST"):
            stack.append({} if name == "EMPTY_DICT" else [])
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("TUPLE", "APPENDS", "SETITEMS"):
            _filled(stack, name)
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            many = int(name[-1])
            stack[-many:] = [tuple(stack[-many:])]
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            stack[-1][key] = value
        elif name == "APPEND":
            value = stack.pop()
            stack[-1].append(value)
        elif name == "GLOBAL":
            stack.append(_Name(*str(argument).split(" ", 1)))
        elif name == "BINPERSID":
            stack.append(_storage(stack.pop()))
        elif name == "REDUCE":
            given, called = stack.pop(), stack.pop()
            stack.append(_made(called, given))
        elif name == "BUILD" and isinstance(stack[-1], Mapping) and isinstance(stack[-2], dict):
            stack.pop()  # attributes of a dictionary, such as versions of modules
        elif name != "PROTO":
            raise ValueError(f"it uses the instruction {name}, which no dictionary of tensors needs")
    raise ValueError("it ends too early")


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_ARGUMENTS = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE", "BINFLOAT"}


def _filled(stack: list[Any], name: str) -> None:
    at = len(stack) - 1 - stack[::-1].index(_MARK)
    items = stack[at + 1 :]
    del stack[at:]
    if name == "TUPLE":
        stack.append(tuple(items))
    elif name == "APPENDS":
        stack[-1].extend(items)
    else:
        stack[-1].update(zip(items[::2], items[1::2], strict=True))


def _storage(said: Any) -> _Storage:
    kind, of, key, _, length, *_ = said
    if kind != "storage" or not isinstance(of, _Name) or of.module != "torch" or of.name not in _TYPES:
        raise ValueError("it has a storage of an unknown type")
    return _Storage(str(key), _TYPES[of.name], int(length))


def _made(called: Any, given: tuple[Any, ...]) -> Any:
    if isinstance(called, _Name) and (called.module, called.name) == _ORDERED and given == ():
        return {}
    if isinstance(called, _Name) and (called.module, called.name) == _TENSOR:
        storage, offset, shape, strides, *_ = given
        if not isinstance(storage, _Storage):
            raise TypeError("a tensor has no storage")
        return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))
    what = f"{called.module}.{called.name}" if isinstance(called, _Name) else type(called).__name__
    raise ValueError(f"it asks to call `{what}`, which no dictionary of tensors needs")


def _refused(path: Path, why: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{path}` is not read: {why}",
        help="only files of tensors are read, as `torch.save` of a state dictionary wrote them before version 1.6, or ONNX",
        location=Location(path.as_posix()),
    )
