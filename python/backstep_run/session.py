"""Cells of a notebook, run one after another in the same globals; what is recorded is the whole session so far."""
import json
import sys

from . import failures, modules
from .runner import Run
from .streams import stream


class Session(Run):
    """
    As `Run` in the mode `note`, but it goes on. Each cell has a name of its own, and its last value goes to
    `result(text)` of its own rather than among what is printed. A cell that raises keeps what it did before.
    """

    def __init__(self, request, engine, emit, pictures):
        super().__init__(request, engine, emit, pictures)
        self._prepare()
        self.engine.start()
        modules.install(self.folder, self.sources, self.slots)

    def cell(self, blocks):
        """Run a cell's blocks; 0, or 1 where it raised."""
        self.blocks, self.error = blocks, None
        if self.pictures is not None:
            self.pictures._connect(self.output.figure, self.notes.append)
        sys.stdout, sys.stderr = stream(self.output, 1), stream(self.output, 2)
        error = self._blocks()
        self._flush()
        if error is not None:
            self.error = failures.describe(error, self.sources)
        self.engine.finish(json.dumps(self._meta()))
        return 0 if error is None else 1

    def _show(self, value):
        if value is not None:
            text = repr(value)
            self._flush()
            self.output.result(text)
