"""The recorder's command line: a file or module to run, or a request of the engine `pytorch`."""
import argparse
import importlib.util
import json
import os
import sys

MISSING = "PyTorch is not installed for {0} (Python {1}): {2}"


def main(arguments):
    """Run and record; the exit code of the program."""
    parser = argparse.ArgumentParser(prog="backstep_recorder", description=__doc__)
    parser.add_argument("--out", help="where the trace goes (default: trace.json; %%r is replaced by the rank)")
    parser.add_argument("--request", help=argparse.SUPPRESS)
    parser.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help="run a module, as python -m does")
    parser.add_argument("program", nargs=argparse.REMAINDER, help="a Python file and its arguments")
    options = parser.parse_args(arguments)
    if options.request is not None:
        return requested(options.request)
    argv = options.module or options.program
    if not argv:
        parser.error("give a Python file to run, or -m MODULE")
    path, package = argv[0], None
    if options.module:
        path, package = _module_file(argv[0], parser)
        argv = [path, *argv[1:]]
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        parser.error(f"cannot read {path}: {error.strerror}")
    out = options.out or ("trace-rank%r.json" if "RANK" in os.environ else "trace.json")
    out = os.path.abspath(out.replace("%r", os.environ.get("RANK", "0")))
    if not options.module:
        sys.path.insert(0, os.path.dirname(os.path.abspath(path)))

    def emit(stream, text, _):
        screen = sys.__stdout__ if stream == 1 else sys.__stderr__
        screen.write(text)
        screen.flush()

    request = {
        "mode": "script",
        "blocks": [{"name": os.path.abspath(path), "text": text}],
        "argv": argv,
        "package": package,
        "record": True,
    }
    return run(request, emit, lambda trace: _save(out, trace), f"{out}.bin")


def requested(path):
    """A request of the engine: reports go out on descriptor 3 as lines of JSON, the trace into a file."""
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    reports = os.fdopen(3, "w", encoding="utf-8")

    def report(**message):
        reports.write(json.dumps(message) + "\n")
        reports.flush()

    try:
        import torch
    except ImportError as error:
        words = MISSING.format(sys.executable, sys.version.split()[0], error)
        report(kind="failed", message=words)
        return 0
    report(kind="started", torch=str(torch.__version__))
    streams = (None, "stdout", "stderr")
    code = run(
        request,
        lambda stream, text, source: report(
            kind="output", output={"stream": streams[stream], "text": text, "source": source}
        ),
        lambda trace: _save(request["trace"], trace),
        f"{request['trace']}.bin",
    )
    report(kind="done", exitCode=code)
    return code


def run(request, emit, write, side=None):
    """Run a request of backstep_run with PyTorch; the exit code. `side`: where the elements of large tensors go."""
    from backstep_run.runner import Run

    from .recorder import Recorder
    from .store import Store

    recorder = Recorder(write, None if side is None or not request["record"] else Store(side))
    one = Run(request, recorder, emit)
    recorder.sources = one.sources
    recorder.run_slots = one.slots
    try:
        return one.run()
    finally:
        if recorder.store is not None:
            recorder.store.close()


def _save(path, trace):
    partial = f"{path}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        json.dump(trace, file, allow_nan=False, separators=(",", ":"))
    os.replace(partial, path)


def _module_file(name, parser):
    """(its file, the package that it is in), as `python -m` finds them."""
    sys.path.insert(0, os.getcwd())
    for full in (f"{name}.__main__", name):
        try:
            spec = importlib.util.find_spec(full)
        except ImportError:
            continue
        if spec is not None and spec.origin is not None and spec.origin.endswith(".py"):
            return spec.origin, spec.parent
    return parser.error(f"there is no module {name}")
