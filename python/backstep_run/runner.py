"""One run: globals, streams, the blocks in order, the ending, and the report to the engine."""
import atexit
import builtins
import json
import os
import sys
import types

from . import failures, modules
from .instrument import CHANGED, SEE, SHOW, SIZE_LIMIT, Slots, compile_source
from .magics import without_magics
from .sources import Sources
from .streams import Output, stream

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Run:
    """
    `engine` is what knows tensors: `start()`, `see(slot, value)`, `is_hidden(filename)`, `sites()` (numbers),
    `instruction(site)` (code object, offset), `finish(meta)`; `changed(slot, value)` where it wants to hear of that.
    `emit(stream, text, source)` prints. `pictures` stands in for matplotlib.pyplot where that is not the real one.
    """

    def __init__(self, request, engine, emit, pictures=None):
        self.mode = request["mode"]
        self.blocks = request["blocks"]
        self.argv = request["argv"]
        self.package = request.get("package")
        self.record = request["record"]
        # Check the gradients at the end; only an engine that says so may be asked.
        self.check = request.get("check", False)
        # Where the program's own modules are.
        self.folder = request.get("folder") or os.getcwd()
        self.engine = engine
        self.output = Output(emit)
        self.pictures = pictures
        self.sources = Sources()
        self.slots = Slots(hasattr(engine, "changed"))
        self.notes = []
        self.error = None

    def run(self):
        """Run the blocks; the exit code."""
        before = (sys.stdout, sys.stderr, sys.argv, sys.modules.get("__main__"), list(sys.path))
        sys.stdout, sys.stderr = stream(self.output, 1), stream(self.output, 2)
        remove = None
        try:
            self._prepare()
            if self.record:
                if self.check:
                    self.engine.start(check=True)
                else:
                    self.engine.start()
                remove = modules.install(self.folder, self.sources, self.slots)
            code = self._end(self._blocks())
            if self.record:
                if self.check:
                    self.engine.check()
                self.engine.finish(json.dumps(self._meta()))
            return code
        finally:
            if remove is not None:
                remove()
            sys.stdout, sys.stderr, sys.argv, sys.modules["__main__"], sys.path[:] = before

    def _prepare(self):
        sys.argv = list(self.argv) or [self.blocks[0]["name"] if self.blocks else ""]
        main = types.ModuleType("__main__")
        main.__builtins__ = builtins
        sys.modules["__main__"] = main
        self.globals = main.__dict__
        if self.mode == "script":
            main.__cached__ = None
            # Of a module that is run by its name: relative imports start there.
            main.__package__ = self.package
            if self.blocks and not self.blocks[0]["name"].startswith("<"):
                main.__file__ = _script_path(os.path.join(self.folder, self.blocks[0]["name"]))
        else:
            self.globals["torch"] = self.engine.torch()
        if self.folder not in sys.path and (self.folder != os.getcwd() or "" not in sys.path):
            sys.path.insert(0, self.folder)
        setattr(builtins, SEE, self.engine.see)
        setattr(builtins, SHOW, self._show)
        if self.slots.changes:
            setattr(builtins, CHANGED, self.engine.changed)
        failures.hide_frames(self._hidden)
        if self.pictures is not None:
            self.pictures._connect(self.output.figure, self.notes.append)

    def _hidden(self, filename):
        return filename.startswith(_HERE) or self.engine.is_hidden(filename)

    @staticmethod
    def _show(value):
        if value is not None:
            print(repr(value))

    def _blocks(self):
        """Run until one fails; what it raised, or None."""
        try:
            for block in self.blocks:
                code, notes = block["text"], []
                if self.mode == "note":
                    code, notes = without_magics(block["name"], block["text"])
                # Its figures do stand in line.
                self.notes += [note for note in notes if self.pictures is None or "skipped %matplotlib" not in note]
                source = self.sources.add(block["name"], block["text"], code)
                self.output.source = source.index
                exec(self._compiled(source), self.globals)
                if self.mode == "note" and self.pictures is not None:
                    self.pictures.show()
                self._flush()
        except BaseException as error:
            if isinstance(error, SyntaxError):
                failures.complete_syntax_error(error, self.sources)
            failures.clean(error, self._hidden)
            return error
        return None

    def _compiled(self, source):
        slots = self.slots if self.record else None
        if slots is not None and len(source.text) > SIZE_LIMIT:
            slots = None
            self.notes.append(f"{source.name}: hovers are left out, because the block is larger than {SIZE_LIMIT} characters")
        return compile_source(source, slots, show=self.mode == "note")

    def _flush(self):
        for out in (sys.stdout, sys.stderr):
            try:
                out.flush()
            except Exception:
                pass  # the program may have closed or replaced it

    def _end(self, error):
        """What Python does last: print what was not caught, run exit handlers; the exit code."""
        self._flush()
        code = 0
        if isinstance(error, SystemExit):
            code = error.code
            if code is None:
                code = 0
            elif not isinstance(code, int):
                print(code, file=sys.stderr)
                code = 1
        elif error is not None:
            self.error = failures.describe(error, self.sources)
            sys.excepthook(type(error), error, error.__traceback__)
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
        atexit._run_exitfuncs()
        self._flush()
        return code & 0xFF

    def _meta(self):
        """What only Python knows, as `FinishMeta` of autograd/record.ts."""
        sites = {str(site): self.sources.place(*self.engine.instruction(site)) for site in self.engine.sites()}
        slots = [
            {
                "range": source.range(*place),
                "text": source.segment(*place),
                "name": name,
            }
            for source, *place, name in self.slots.all
        ]
        return {
            "sources": [{"name": getattr(s, "shown", s.name), "text": s.text} for s in self.sources.all],
            "sites": sites,
            "made": {str(slot): source.range(*place) for slot, (source, *place) in self.slots.made.items()},
            "slots": slots,
            "output": self.output.records(),
            "error": self.error,
            "notes": self.notes,
            "reprs": self.engine.reprs(),
            "figures": self.output.figures,
        }


def _script_path(name):
    """`__file__`, absolute as Python gives it; the folder that it names is the one in which the files are."""
    path = os.path.abspath(name)
    folder = os.path.dirname(path)
    if not os.path.exists(folder):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        os.symlink(os.getcwd(), folder)
    return path
