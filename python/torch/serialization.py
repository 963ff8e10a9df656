"""torch.save and torch.load: files that PyTorch reads, and that it wrote."""
import io
import os
import pickle
import struct

import torch

from ._missing import guard
from ._utils import Block, flat_tensor

DEFAULT_PROTOCOL = 2
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001

# The classes that stand in files for the blocks of memory of each dtype.
_STORAGES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
}


def _storage_class(name):
    """A class of PyTorch's name, to be written and read; it makes nothing."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(
            f"torch.{name}(…) is not in the embedded engine (yet); the PyTorch engine has it"
        )

    return type(name, (), {"__module__": "torch", "__init__": __init__, "dtype_name": _STORAGES[name]})


storage_classes = {name: _storage_class(name) for name in _STORAGES}
_by_dtype = {cls.dtype_name: cls for cls in storage_classes.values()}


class _Pickler(pickle.Pickler):
    """Blocks go into the file beside the pickle, each once; what is written here is their number."""

    def __init__(self, file, protocol):
        super().__init__(file, protocol)
        self.blocks = {}

    def persistent_id(self, thing):
        if not isinstance(thing, Block):
            return None
        number, _ = self.blocks.setdefault(thing.key, (str(len(self.blocks)), thing))
        return ("storage", _by_dtype[thing.dtype.name], number, "cpu", thing.numel())


class _Unpickler(pickle.Unpickler):
    def __init__(self, file, read_block, **settings):
        super().__init__(file, **settings)
        self.read_block = read_block

    def find_class(self, module, name):
        if module == "torch" and name in storage_classes:
            return storage_classes[name]
        if module == "torch.storage" and name in ("UntypedStorage", "_UntypedStorage"):
            return storage_classes["ByteStorage"]
        return super().find_class(module, name)

    def persistent_load(self, saved):
        kind = saved[0].decode("ascii") if isinstance(saved[0], bytes) else saved[0]
        if kind != "storage":
            raise RuntimeError(f"Unknown typename for persistent_load, expected 'storage' but got '{kind}'")
        _, cls, key, location, numel = saved[:5]
        return self.read_block(_dtype(cls.dtype_name), key, location, numel)


def _dtype(name):
    found = getattr(torch, name, None)
    if found is None:
        raise RuntimeError(f"the file has tensors of torch.{name}, which the embedded engine has not (yet)")
    return found


def save(obj, f, pickle_module=pickle, pickle_protocol=DEFAULT_PROTOCOL, _use_new_zipfile_serialization=True):
    """Write an object to a file (a path, or what has `write`), in PyTorch's zip format."""
    if not _use_new_zipfile_serialization:
        raise NotImplementedError(
            "torch.save(_use_new_zipfile_serialization=False) is not in the embedded engine (yet); the PyTorch engine "
            "has it"
        )
    pickled = io.BytesIO()
    pickler = _Pickler(pickled, pickle_protocol)
    pickler.dump(obj)
    by_path = isinstance(f, (str, os.PathLike))
    folder = os.path.splitext(os.path.basename(os.fspath(f)))[0] if by_path else "archive"
    if by_path and os.path.dirname(os.fspath(f)) and not os.path.isdir(os.path.dirname(os.fspath(f))):
        raise RuntimeError(f"Parent directory {os.path.dirname(os.fspath(f))} does not exist.")
    if not by_path and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    import zipfile

    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:

        def record(name, data):
            # No time of writing: the same content gives the same file.
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0)), data)

        record("data.pkl", pickled.getvalue())
        for number, block in pickler.blocks.values():
            record(f"data/{number}", block.bytes())
        record("version", b"3\n")
    if by_path:
        with open(f, "wb") as file:
            file.write(written.getvalue())
    else:
        f.write(written.getvalue())


def load(f, map_location=None, pickle_module=None, *, weights_only=False, **pickle_load_args):
    """Read an object that `save`, here or in PyTorch, has written."""
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return load(file, map_location, pickle_module, weights_only=weights_only, **pickle_load_args)
    for name in ("seek", "read", "tell"):
        if not hasattr(f, name):
            raise AttributeError(
                f"'{type(f).__name__}' object has no attribute '{name}'. You can only torch.load from a file that is "
                "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
    start = f.tell()
    is_zip = f.read(4) == b"PK\x03\x04"
    f.seek(start)
    return (_load_zip if is_zip else _load_legacy)(f, map_location, pickle_load_args)


def _located(location, map_location):
    """Where a block is to go: always memory, so anything else is refused as PyTorch without CUDA does."""
    target = location
    if isinstance(map_location, dict):
        target = map_location.get(location, location)
    elif map_location is not None and not callable(map_location):
        target = map_location
    elif callable(map_location):
        target = "cpu"
    target = str(target)
    if target.startswith("cuda"):
        raise RuntimeError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
            "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your "
            "storages to the CPU."
        )


def _load_zip(f, map_location, settings):
    # Not at the top: what it needs would be part of every start.
    import zipfile

    with zipfile.ZipFile(f) as archive:
        names = archive.namelist()
        folder = names[0].partition("/")[0]
        if f"{folder}/data.pkl" not in names:
            raise RuntimeError("PytorchStreamReader failed locating file data.pkl: file not found")
        blocks = {}

        def read_block(dtype, key, location, numel):
            if key not in blocks:
                _located(location, map_location)
                blocks[key] = flat_tensor(dtype, archive.read(f"{folder}/data/{key}"))
            return blocks[key]

        return _Unpickler(io.BytesIO(archive.read(f"{folder}/data.pkl")), read_block, **settings).load()


def _load_legacy(f, map_location, settings):
    """PyTorch's format before 1.6: pickles one after the other, then the blocks."""
    if pickle.load(f, **settings) != _LEGACY_MAGIC:
        raise RuntimeError("Invalid magic number; corrupt file?")
    protocol = pickle.load(f, **settings)
    if protocol != _LEGACY_PROTOCOL:
        raise RuntimeError(f"Invalid protocol version: {protocol}")
    pickle.load(f, **settings)
    blocks = {}

    def read_block(dtype, key, location, numel):
        if key not in blocks:
            _located(location, map_location)
            blocks[key] = torch.zeros(numel, dtype=dtype)
        return blocks[key]

    result = _Unpickler(f, read_block, **settings).load()
    for key in pickle.load(f, **settings):
        (numel,) = struct.unpack("<q", f.read(8))
        flat = blocks[key]
        flat.copy_(flat_tensor(flat.dtype, f.read(numel * flat.element_size())))
    return result


__getattr__ = guard("torch.serialization")
