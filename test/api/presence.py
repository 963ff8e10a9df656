"""Under the embedded torch: prints as JSON what asking for each name (a JSON list on standard input) says; "" where it is there."""
import json
import sys

import torch


def asked(path):
    thing = torch
    try:
        for part in path.split(".")[1:]:
            thing = getattr(thing, part)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


print(json.dumps([asked(path) for path in json.load(sys.stdin)]))
