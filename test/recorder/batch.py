"""Records many programs with the recorder in one process: JSON on standard input, one forked child for each program."""
import json
import os
import shutil
import sys
import tempfile

recorder, jobs = sys.argv[1], json.load(sys.stdin)
sys.path[:0] = [recorder]
import torch  # noqa: E402

torch.set_num_threads(1)
from backstep_recorder.command import run  # noqa: E402
import backstep_recorder.recorder  # noqa: E402, F401
import backstep_run.runner  # noqa: E402, F401

answers = []
# Not a TemporaryDirectory: the programs' exit handlers would take it away.
folder = tempfile.mkdtemp()
os.chdir(folder)
try:
    for number, text in enumerate(jobs):
        path = os.path.join(folder, f"{number}.json")
        child = os.fork()
        if child == 0:
            request = {
                "mode": "script",
                "blocks": [{"name": "snippet.py", "text": text}],
                "argv": ["snippet.py"],
                "record": True,
            }
            code = 99
            try:
                with open(path, "w", encoding="utf-8") as file:
                    code = run(request, lambda *_: None, lambda trace: json.dump(trace, file, allow_nan=False))
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                os._exit(code)
        os.waitpid(child, 0)
        with open(path, encoding="utf-8") as file:
            answers.append(file.read())
finally:
    shutil.rmtree(folder)
json.dump(answers, sys.stdout)
