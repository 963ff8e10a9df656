"""Autograd as seen from a tensor: grad_fn nodes, `.grad`, backward and grad with PyTorch's checks."""
import json
from weakref import WeakValueDictionary

from . import _bridge, _callbacks
from ._bridge import check, text, wrap

_nodes = WeakValueDictionary()
_classes = {}
# Nodes that are not generated from the op table keep their C++ name.
_CPP_NAMES = ("AccumulateGrad", "CopyBackwards", "CopySlices", "NotImplemented")


_PUBLIC = ("__call__", "_register_hook_dict", "metadata", "name", "next_functions", "register_hook",
           "register_prehook", "requires_grad")


class Node:
    """A node of the backward graph. Each kind is a class of its own, named as in PyTorch: `MulBackward0`."""

    __slots__ = ("_n", "__weakref__", "__dict__")

    def __del__(self):
        _bridge.freeNode(self._n)

    def name(self):
        name = type(self).__name__
        return "torch::autograd::" + name if name in _CPP_NAMES else name

    @property
    def next_functions(self):
        pairs = json.loads(text(_bridge.nodeNext(self._n)))
        return tuple([(node(n) if n else None, output) for n, output in pairs])

    @property
    def metadata(self):
        return self.__dict__.setdefault("_metadata", {})

    @property
    def requires_grad(self):
        return True

    def __getattr__(self, name):
        if name.startswith("_saved_") and name in self._kept():
            return _saved(json.loads(text(_bridge.nodeSaved(self._n, name))))
        if name.startswith("_raw_saved_") and name in self._kept():
            return SavedTensor(self, name[4:])
        if name == "variable" and type(self).__name__ == "AccumulateGrad":
            return wrap(check(_bridge.nodeVariable(self._n)))
        custom = _bridge.nodeCustom(self._n)
        if custom:
            return getattr(_callbacks.context(custom), name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _kept(self):
        """The names of what it saved."""
        return json.loads(text(_bridge.nodeSavedNames(self._n)))

    def __dir__(self):
        # PyTorch's nodes are types of C++; what they are made of here is not for printing.
        own = ["variable"] if type(self).__name__ == "AccumulateGrad" else self._kept()
        return sorted({*dir(object), *_PUBLIC, *own})

    def __repr__(self):
        module = "torch.autograd.function." if type(self).__module__ == "torch.autograd.function" else ""
        return f"<{module}{type(self).__name__} object at 0x{id(self):x}>"

    def register_hook(self, hook):
        """Have `hook(grad_inputs, grad_outputs)` called when a pass has run the node."""
        return _callbacks.node_hook(self, hook)

    def register_prehook(self, hook):
        """Have `hook(grad_outputs)` called before a pass runs the node; what it returns takes their place."""
        return _callbacks.node_prehook(self, hook)


class SavedTensor:
    """What a node saved, as such: `node._raw_saved_self`. It takes hooks of its own."""

    __slots__ = ("_node", "_name")

    def __init__(self, node, name):
        self._node = node
        self._name = name

    def register_hooks(self, pack_hook, unpack_hook):
        """Have what is saved go through `pack_hook` now, and what that gives through `unpack_hook` when it is needed."""
        from .autograd.graph import packer

        number = _callbacks.add(packer(pack_hook, unpack_hook))
        try:
            check(_bridge.packSaved(self._node._n, self._name, number))
        finally:
            _callbacks.remove(number)


SavedTensor.__module__ = "torch._C._autograd"


def _saved(content):
    if isinstance(content, list):
        return tuple([_saved(item) for item in content])
    if "tensor" in content:
        return wrap(content["tensor"])
    return eval(content["literal"], {"__builtins__": {}, "inf": float("inf"), "nan": float("nan")})


def node(n):
    """The Node of a node handle whose reference is ours now."""
    known = _nodes.get(n)
    if known is not None:
        _bridge.freeNode(n)
        return known
    name = _bridge.nodeName(n)
    cls = _classes.get(name)
    if cls is None:
        module = "torch.autograd.function" if _bridge.nodeCustom(n) else "builtins"
        cls = _classes[name] = type(name, (Node,), {"__slots__": (), "__module__": module})
    self = object.__new__(cls)
    self._n = n
    _nodes[n] = self
    return self


def warn_non_leaf():
    _bridge.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
        "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
        "Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
        "you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more informations. "
        "(Triggered internally at  ./build/aten/src/ATen/core/TensorBody.h:480.)"
    )


def check_new_grad(tensor, value):
    """PyTorch's conditions on `tensor.grad = value`."""
    if value is None:
        return
    if not isinstance(value, _bridge.Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type{type(value).__name__}")
    if value is tensor:
        raise RuntimeError("can't assign Variable as its own grad")
    if value.dtype is not tensor.dtype:
        raise RuntimeError("assigned grad has data of a different type")
    if value.shape != tensor.shape:
        raise RuntimeError("assigned grad has data of a different size")
