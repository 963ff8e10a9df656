"""
Runs the cells of a file (`# %% name`, then the program) each by itself under the torch that can be imported, and
prints as JSON what each one printed, with the error that ended it.

    python3 cells.py programs.py
"""
import contextlib
import io
import json
import re
import sys
import warnings

import torch


def run(text):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(text, "<cell>", "exec"), {"torch": torch, "__name__": "__main__"})
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    return printed.getvalue()


with open(sys.argv[1]) as opened:
    _, *cells = re.split(r"^# %% (.*)\n", opened.read(), flags=re.M)
print(json.dumps({name: run(text) for name, text in zip(cells[::2], cells[1::2])}))
