"""Nested tuples, lists and dicts as flat lists with a structure, as torch.utils._pytree has them."""
from collections import OrderedDict


class TreeSpec:
    """The structure of a tree, without its leaves."""

    def __init__(self, type_, context, children):
        self.type = type_
        self.context = context
        self.children = children
        self.num_leaves = 1 if type_ is None else sum(child.num_leaves for child in children)

    def __repr__(self):
        if self.type is None:
            return "*"
        return f"TreeSpec({self.type.__name__}, {self.context}, {self.children})"

    def __eq__(self, other):
        return (
            isinstance(other, TreeSpec)
            and self.type is other.type
            and self.context == other.context
            and self.children == other.children
        )

    __hash__ = None


LEAF = TreeSpec(None, None, [])


def _parts(tree):
    """(type, context, children) of a node; None for a leaf."""
    cls = type(tree)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return cls, cls, list(tree)
    if cls in (tuple, list):
        return cls, None, list(tree)
    if cls in (dict, OrderedDict):
        return cls, list(tree.keys()), list(tree.values())
    return None


def flatten(tree):
    """(leaves, structure)"""
    parts = _parts(tree)
    if parts is None:
        return [tree], LEAF
    cls, context, children = parts
    leaves, specs = [], []
    for child in children:
        some, spec = flatten(child)
        leaves += some
        specs.append(spec)
    return leaves, TreeSpec(cls, context, specs)


def unflatten(leaves, spec):
    """The tree of that structure with these leaves."""
    if spec.type is None:
        return leaves[0]
    children, at = [], 0
    for child in spec.children:
        children.append(unflatten(leaves[at : at + child.num_leaves], child))
        at += child.num_leaves
    if spec.type in (dict, OrderedDict):
        return spec.type(zip(spec.context, children))
    return spec.type(*children) if hasattr(spec.type, "_fields") else spec.type(children)


def map_only(kind, function, tree):
    """The tree with `function` of each leaf that is a `kind`."""
    leaves, spec = flatten(tree)
    return unflatten([function(leaf) if isinstance(leaf, kind) else leaf for leaf in leaves], spec)


def broadcast(tree, spec):
    """The leaves of `tree` as if it had that structure: a leaf stands for a whole branch. None where it does not fit."""
    parts = _parts(tree)
    if parts is None:
        return [tree] * spec.num_leaves
    cls, context, children = parts
    if spec.type is not cls or spec.context != context or len(children) != len(spec.children):
        return None
    found = []
    for child, of in zip(children, spec.children):
        some = broadcast(child, of)
        if some is None:
            return None
        found += some
    return found
