"""What the runner (backstep_run) needs of PyTorch while a program runs: reports of tensors, passes, and the finish."""
import contextlib
import json
import os
import sys
import warnings

import torch

from . import modules
from .nodes import Nodes
from .passes import KEPT_BYTES, KEPT_PASSES, Engine
from .tensors import Tensors
from .write import Writer

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep

class Recorder:
    """`write(trace)` takes the finished trace."""

    def __init__(self, write):
        self.write = write
        # The pieces of code of the run; set by whoever makes the run.
        self.sources = None
        # Its numbered expressions; likewise.
        self.run_slots = None
        self.tensors = Tensors()
        self.nodes = Nodes(self.tensors)
        self.slots = {}
        self.passes = []
        self.omitted = 0
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

        def undo():
            variable._execution_engine = engine
            unwatch()

        self._undo.append(undo)

    def see(self, slot, value):
        """An instrumented expression (its number) was this value, which is given back."""
        if isinstance(value, torch.Tensor):
            if self.on:
                self._see(slot, value)
        elif self.on and isinstance(value, (tuple, list)) and len(value) <= 64:
            for item in value:
                if isinstance(item, torch.Tensor) and item.grad_fn is not None:
                    with self.quiet():
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
            stale = known is not None and tensor._base is not None and known.version != tensor._version
            if stale and self._is_load(slot):
                # Asking a view for its grad_fn after its base has changed would make a node that the program did not.
                seen = self.tensors.see(tensor, known.node)
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
            self.write(Writer(self, json.loads(meta)).trace())

    # Of the recorder's own

    def stop(self):
        self.on = False
        while self._undo:
            self._undo.pop()()

    @contextlib.contextmanager
    def quiet(self, what="a tensor"):
        """
        What the recorder itself does makes no nodes and no recording; where it cannot see `what`, that is said in the
        trace and the program goes on. (Warnings are left alone: to silence them would make Python forget which ones the
        program has shown already.)
        """
        on, self.on = self.on, False
        try:
            with torch.no_grad():
                yield
        except Exception as error:
            self.note(f"{what} could not be recorded: {type(error).__name__}: {error}")
        finally:
            self.on = on

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
            self._bytes -= self.passes.pop(0).bytes
            self.omitted += 1

    def note(self, text):
        if text not in self._notes:
            self._notes.append(text)

    @property
    def notes(self):
        return self._notes
