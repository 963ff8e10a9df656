"""What the runner (backstep_run) needs of PyTorch while a program runs: reports of tensors, passes, and the finish."""
import json
import os
import sys
import warnings

import torch

from . import modules, packing
from .nodes import Nodes
from .passes import KEPT_BYTES, KEPT_PASSES, Engine
from .summary import Summaries
from .tensors import Tensors, renews, version_of
from .unseen import unseen
from .write import Writer

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class _Quiet:
    """See `Recorder.quiet`. A class, for it is entered several times for each node of a pass."""

    __slots__ = ("recorder", "what", "on", "grad", "unseen")

    def __init__(self, recorder, what):
        self.recorder = recorder
        self.what = what

    def __enter__(self):
        self.on, self.recorder.on = self.recorder.on, False
        self.unseen = unseen()
        self.unseen.__enter__()
        self.grad = torch.is_grad_enabled()
        torch._C._set_grad_enabled(False)

    def __exit__(self, _, error, _trace):
        torch._C._set_grad_enabled(self.grad)
        self.unseen.__exit__()
        self.recorder.on = self.on
        if not isinstance(error, Exception):
            return False
        self.recorder.note(f"{self.what} could not be recorded: {type(error).__name__}: {error}")
        return True


class Recorder:
    """`write(trace)` takes the finished trace; `store` the elements of large tensors, if they are wanted."""

    def __init__(self, write, store=None):
        self.write = write
        self.store = store
        # The pieces of code of the run; set by whoever makes the run.
        self.sources = None
        # Its numbered expressions; likewise.
        self.run_slots = None
        self.tensors = Tensors()
        self.nodes = Nodes(self.tensors)
        self.slots = {}
        # Of each parameter of a module that ran, by its id: (weak reference, path such as `net.0.weight`).
        self.parameters = {}
        self.passes = []
        self.omitted = 0
        self.summaries = Summaries()
        self.on = False
        self._notes = []
        self._codes = []
        self._sites = {}
        self._undo = []
        self._bytes = 0

    # What backstep_run asks of an engine

    @staticmethod
    def torch():
        return torch

    def start(self):
        """From now on passes and modules are watched."""
        self.on = True
        variable = torch.autograd.Variable
        engine = variable._execution_engine
        variable._execution_engine = Engine(engine, self)
        unwatch = modules.watch(self)
        unguard = packing.guard(self.nodes)

        def undo():
            variable._execution_engine = engine
            unwatch()
            unguard()

        self._undo.append(undo)

    def see(self, slot, value):
        """An instrumented expression (its number) was this value, which is given back."""
        if isinstance(value, torch.Tensor):
            if self.on:
                self._see(slot, value)
        elif self.on and isinstance(value, (tuple, list)) and len(value) <= 64:
            for item in value:
                if isinstance(item, torch.Tensor):
                    with self.quiet():
                        if item.grad_fn is not None:
                            self.nodes.see(item, slot)
        return value

    def changed(self, slot, value):
        """A statement changed this value in place."""
        if self.on and isinstance(value, torch.Tensor):
            with self.quiet():
                # Of a view its base is asked: the view's own history is renewed when the program asks for it.
                whole = value if value._base is None else value._base
                if whole.grad_fn is not None:
                    self.nodes.of(whole.grad_fn, slot)

    def _see(self, slot, tensor):
        with self.quiet():
            before = self.slots.get(slot)
            known = self.tensors.latest(tensor)
            changed = known is not None and renews(tensor) and known.version != version_of(tensor)
            if known is not None and (known.stale and not changed or changed and self._is_load(slot)):
                seen = self.tensors.see_stale(tensor)
            else:
                seen = self.nodes.see(tensor, slot)
                base = tensor._base
                if base is not None and base.grad_fn is not None:
                    self.nodes.of(base.grad_fn, slot)
            if seen is None:
                self.note("sparse, quantized and complex tensors are not shown")
                return
            self.slots[slot] = [seen, 1 if before is None else before[1] + 1]

    def _is_load(self, slot):
        """Does the expression only name a value that was there before?"""
        slots = self.run_slots
        return slots is not None and slots.all[slot][5] is not None and slot not in slots.made

    @staticmethod
    def is_hidden(filename):
        """Whether a code file is the recorder's own, so that its frames are not the user's affair."""
        return filename.startswith(_HERE)

    def sites(self):
        """The positions that the trace will need the ranges of."""
        return range(len(self._codes))

    def instruction(self, site):
        """(code object, instruction offset, line) of a position."""
        return self._codes[site]

    def reprs(self):
        return {}

    def finish(self, meta):
        """End the recording; `meta` is what only the runner knows (see FinishMeta of autograd/record.ts)."""
        self.stop()
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.write(Writer(self, json.loads(meta), self.store).trace())

    # Of the recorder's own

    def stop(self):
        self.on = False
        while self._undo:
            self._undo.pop()()

    def quiet(self, what="a tensor"):
        """
        What the recorder itself does makes no nodes and no recording; where it cannot see `what`, that is said in the
        trace and the program goes on. (Warnings are left alone: to silence them would make Python forget which ones the
        program has shown already.)
        """
        return _Quiet(self, what)

    def here(self):
        """The position of the nearest frame of the program's own code, as ("site", number); None outside of it."""
        frame = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            if self.sources is not None and self.sources.of(code.co_filename) is not None:
                key = (id(code), frame.f_lasti)
                if key not in self._sites:
                    self._sites[key] = len(self._codes)
                    self._codes.append((code, frame.f_lasti, frame.f_lineno))
                return ("site", self._sites[key])
            frame = frame.f_back
        return None

    def keep(self, one):
        """A pass has ended: it is kept, and older ones are let go where there are too many."""
        self.passes.append(one)
        self._bytes += one.bytes
        while len(self.passes) > 1 and (len(self.passes) > KEPT_PASSES or self._bytes > KEPT_BYTES):
            oldest = self.passes.pop(0)
            self._bytes -= oldest.bytes
            with self.quiet("an earlier pass"):
                self.summaries.add(oldest, self.omitted)
            self.omitted += 1

    def note(self, text):
        if text not in self._notes:
            self._notes.append(text)

    @property
    def notes(self):
        return self._notes
