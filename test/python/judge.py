"""Runs programs (a JSON list of texts on standard input) with real PyTorch, each as `python FILE` would; prints JSON."""
import json
import os
import shutil
import sys
import tempfile

# Every program in a process of its own is true, but PyTorch starts slowly: fork after the import.
import torch  # noqa: F401

os.environ["PYTHONWARNINGS"] = "default"


def run(text):
    """{stdout, stderr, code} of one program."""
    # Not a TemporaryDirectory: the child's exit handlers would remove it.
    folder = tempfile.mkdtemp()
    out, err = (os.path.join(folder, name) for name in ("out", "err"))
    pid = os.fork()
    if pid == 0:
        child(text, out, err)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with open(out, encoding="utf-8") as file:
        stdout = file.read()
    with open(err, encoding="utf-8") as file:
        stderr = file.read()
    shutil.rmtree(folder)
    return {"stdout": stdout, "stderr": stderr, "code": code}


def child(text, out, err):
    import atexit
    import io
    import linecache
    import traceback

    sys.stdout = io.open(out, "w", encoding="utf-8")
    sys.stderr = io.open(err, "w", encoding="utf-8")
    sys.argv = ["snippet.py"]
    linecache.cache["snippet.py"] = (len(text), None, text.splitlines(True), "snippet.py")
    code = 0
    try:
        exec(compile(text, "snippet.py", "exec"), {"__name__": "__main__"})
    except SystemExit as error:
        code = 0 if error.code is None else error.code if isinstance(error.code, int) else 1
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


print(json.dumps([run(text) for text in json.load(sys.stdin)]))
