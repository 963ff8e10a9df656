"""`python -m backstep_recorder FILE [ARGS…]`, or this folder in place of the module; see command.py."""
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_PARENT = os.path.dirname(_HERE)


def _load(name, *folders):
    """Import a package from its folder, without a change of the path on which the program's own imports are looked for."""
    folder = next(f for f in folders if os.path.isdir(f))
    place = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location(name, place, submodule_search_locations=[folder])
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
if "backstep_recorder" not in sys.modules:
    _load("backstep_recorder", _HERE)
_load("backstep_run", os.path.join(_PARENT, "backstep_run"), os.path.join(os.path.dirname(_PARENT), "backstep_run"))

from backstep_recorder.command import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
