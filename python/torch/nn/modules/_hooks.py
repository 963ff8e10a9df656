"""Handles that take a registered hook away again."""
import itertools
from weakref import ref

_ids = itertools.count()


class RemovableHandle:
    """Also a context manager: the hook goes when the block ends."""

    __slots__ = ("_table", "id")

    def __init__(self, hooks):
        self._table = ref(hooks) if hasattr(hooks, "__weakref__") else (lambda: hooks)
        self.id = next(_ids)

    @classmethod
    def put(cls, hooks, hook):
        """Add `hook` to the table and give the handle that removes it."""
        handle = cls(hooks)
        hooks[handle.id] = hook
        return handle

    def remove(self):
        hooks = self._table()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
