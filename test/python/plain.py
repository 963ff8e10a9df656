"""
Runs each program of plain/*.py (cells: `# %% name`) twice, as `python FILE` and instrumented by backstep_run, and
prints as JSON what both wrote: [[name, plain, instrumented], …].
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "python"))
from backstep_run.runner import Run  # noqa: E402


class Engine:
    """No tensors: every value that is reported is counted and given back."""

    def __init__(self):
        self.seen = 0
        self.meta = None

    def start(self):
        pass

    def see(self, slot, value):
        self.seen += 1
        return value

    def is_hidden(self, filename):
        return False

    def sites(self):
        return []

    def reprs(self):
        return {}

    def finish(self, meta):
        self.meta = json.loads(meta)


def cells(path):
    for cell in path.read_text(encoding="utf-8").split("# %% ")[1:]:
        name, _, text = cell.partition("\n")
        yield name, text.rstrip() + "\n"


def plain(file):
    done = subprocess.run(
        [sys.executable, "-X", "utf8", file], capture_output=True, text=True, encoding="utf-8", env={"PYTHONPATH": ""}
    )
    return {"stdout": done.stdout, "stderr": done.stderr, "code": done.returncode}


def instrumented(file, text):
    """In a child, so that what a program does to its interpreter stays there."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        printed = {1: "", 2: ""}

        def emit(stream, text, source):
            printed[stream] += text

        engine = Engine()
        sys.path[0] = os.path.dirname(file)
        request = {"mode": "script", "blocks": [{"name": file, "text": text}], "argv": [file], "record": True}
        code = Run(request, engine, emit).run()
        out = {"stdout": printed[1], "stderr": printed[2], "code": code}
        with os.fdopen(write, "w", encoding="utf-8") as pipe:
            json.dump([out, engine.seen], pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def comparable(ran):
    """Without addresses, and without the number of frames that fit below the recursion limit."""
    text = re.sub(r"0x[0-9a-f]+", "0x…", ran["stderr"])
    return {**ran, "stderr": re.sub(r"repeated \d+ more times", "repeated … more times", text)}


def main():
    results = []
    # Not a TemporaryDirectory: a child's exit handlers would remove it.
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    for path in sorted((HERE / "plain").glob("*.py")):
        for name, text in cells(path):
            file = os.path.join(folder, "snippet.py")
            pathlib.Path(file).write_text(text, encoding="utf-8")
            got, seen = instrumented(file, text)
            results.append([name, comparable(plain(file)), comparable(got), seen])
    shutil.rmtree(folder)
    print(json.dumps(results))


main()
