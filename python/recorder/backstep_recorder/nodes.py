"""Nodes of PyTorch's graph as they are met: name, edges, what they kept, and where in the program they were made."""
import weakref

import torch

from .tensors import Seen

# Where a node's record lies in its metadata.
KEY = "backstep"
# AccumulateGrad goes before all others that are ready.
LEAF_SEQUENCE = 2**53 - 1


class Life:
    """Lies in the node's own metadata, and so goes when the node goes."""

    __slots__ = ("record", "__weakref__")

    def __init__(self, record):
        self.record = record


class NodeRecord:
    """What is remembered of a node. It does not keep the node alive."""

    __slots__ = ("name", "sequence", "edges", "saved", "outputs", "variable", "where", "module", "life")

    def __init__(self, function, sequence, where, module):
        kind = type(function).__name__
        self.name = function.name().rpartition("::")[2] if kind == "CppFunction" else kind
        self.sequence = sequence
        self.edges = []
        # (attribute, Seen, plain value or exception); None until it was read.
        self.saved = None
        self.outputs = {}
        self.variable = None
        self.where = where
        self.module = module

    @property
    def alive(self):
        return self.life() is not None


class Nodes:
    def __init__(self, tensors):
        self.tensors = tensors
        self.module = None
        self.key = KEY
        # Is a node being asked for what it kept?
        self.reading = False
        self._created = 0

    def known(self, function):
        life = function.metadata.get(self.key)
        return None if life is None else life.record

    def of(self, function, where):
        """The record of a node; it and all behind it that were not known yet were made at `where`."""
        known = self.known(function)
        if known is not None:
            return known
        # Depth first: what a node leads to was made before it.
        stack = [(function, iter(function.next_functions))]
        path = {function}
        while stack:
            top, edges = stack[-1]
            for following, _ in edges:
                if following is not None and following not in path and self.known(following) is None:
                    path.add(following)
                    stack.append((following, iter(following.next_functions)))
                    break
            else:
                stack.pop()
                self._add(top, where)
        return self.known(function)

    def _add(self, function, where):
        if type(function).__name__ == "AccumulateGrad":
            record = NodeRecord(function, LEAF_SEQUENCE, where, None)
            record.variable = self.tensors.see(function.variable, None)
        else:
            number = getattr(function, "_sequence_nr", None)
            sequence = self._created if number is None else number()
            self._created += 1
            record = NodeRecord(function, sequence, where, self.module)
            record.edges = [
                (None if following is None else self.known(following), nr)
                for following, nr in function.next_functions
            ]
        life = function.metadata[self.key] = Life(record)
        record.life = weakref.ref(life)

    def see(self, tensor, where, copy=False):
        """A tensor as it is now, with the node that made it."""
        function = tensor.grad_fn
        record = None if function is None else self.of(function, where)
        seen = self.tensors.see(tensor, record, copy)
        if record is not None and seen is not None and record.outputs.get(seen.output_nr) is None:
            record.outputs[seen.output_nr] = seen
        return seen

    def keep_saved(self, function, record):
        """Read what a node kept, before the pass frees it."""
        if record.saved is not None or record.variable is not None:
            return
        record.saved = saved = []
        for name in saved_names(function):
            self.reading = True
            try:
                content = getattr(function, name)
            except RuntimeError as error:
                saved.append((name, error))
                continue
            finally:
                self.reading = False
            # A custom function's are tensors one by one; it may have none.
            if name == "saved_tensors" or isinstance(content, (tuple, list)) and any(isinstance(c, torch.Tensor) for c in content):
                for i, item in enumerate(content):
                    saved.append((f"{name}[{i}]", self._kept(item, record)))
            else:
                saved.append((name, self._kept(content, record)))

    def _kept(self, content, record):
        """An output that was kept is shown as the output itself, not as the copy without history that holds it."""
        if not isinstance(content, torch.Tensor):
            return signed(content)
        function = content.grad_fn
        if function is not None and self.known(function) is record:
            output = record.outputs.get(content.output_nr)
            if output is not None and output.version == content._version:
                return output
        seen = self.see(content, record.where, copy=function is None)
        return "…" if seen is None else seen


def signed(content):
    """PyTorch shows saved integers as 64 bits without a sign: -1 for what it calls 18446744073709551615."""
    if isinstance(content, (tuple, list)):
        return tuple(signed(item) for item in content)
    if isinstance(content, int) and not isinstance(content, bool) and content >= 2**63:
        return content - 2**64
    return content


# By the node's type: to ask for them takes long.
_NAMES = weakref.WeakKeyDictionary()


def saved_names(function):
    """In the order of the alphabet."""
    kind = type(function)
    names = _NAMES.get(kind)
    if names is None:
        names = [name for name in dir(kind) if name.startswith("_saved_")]
        names = _NAMES[kind] = names or (["saved_tensors"] if hasattr(function, "saved_tensors") else [])
    return names


def is_seen(content):
    return isinstance(content, Seen)
