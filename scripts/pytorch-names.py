"""
Writes python/torch/pytorch.json from the installed PyTorch: its public names and the signatures of its argument
parser, so that the facade can say in PyTorch's own words what it was given and what it lacks.

    /usr/bin/python3 scripts/pytorch-names.py
"""
import importlib
import json
import pathlib
import pkgutil
import re
import runpy
import warnings

import torch
import torchgen
from torchgen.api.python import signature
from torchgen.gen import parse_native_yaml
from torchgen.model import Variant

# Too many for every signature; the type's name is short, because PyTorch cuts its message off.
MANY = [type("o", (), {})()] * 40
FACADE = pathlib.Path(__file__).resolve().parent.parent / "python" / "torch"
TYPE_NAMES = runpy.run_path(str(FACADE / "_type_names.py"))["TYPE_NAMES"]
# Modules of the facade beside torch and torch.autograd.
NEURAL = (
    "torch.linalg",
    "torch.special",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.utils",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.utils",
    "torch.utils.data",
)


def library_texts():
    """Every signature text in PyTorch's binary, in its order."""
    path = pathlib.Path(torch.__file__).parent / "lib" / "libtorch_python.so"
    found = re.findall(rb"[\x20-\x7e]{4,}", path.read_bytes())
    return [s.decode() for s in found if re.match(rb"\w+\(.*\)(\|deprecated)?$", s)]


def candidates():
    """Signature texts by (name, whether a method): those of PyTorch's generator, and those written by hand."""
    base = pathlib.Path(torchgen.__file__).parent / "packaged" / "ATen" / "native"
    parsed = parse_native_yaml(str(base / "native_functions.yaml"), str(base / "tags.yaml"))
    library = library_texts()
    # The linker lets one text be the tail of another.
    every_tail = {text[cut:] for text in library for cut in range(text.index("(") + 1)}
    found = {}
    for text in library:
        name = text.partition("(")[0]
        for method in (False, True):
            found.setdefault((name, method), []).append(text)
    for f in parsed.native_functions:
        name = str(f.func.name.name)
        for method in (False, True):
            if (Variant.method if method else Variant.function) not in f.variants:
                continue
            try:
                text = signature(f, method=method).signature_str(skip_outputs=method)
            except ValueError:
                continue  # bound by hand in PyTorch
            if text in every_tail:
                found.setdefault((name, method), []).append(text)
    return found


def displayed(text):
    """A signature as PyTorch's messages show it."""
    parts = []
    inside = re.match(r"\w+\((.*)\)", text)[1]
    for part in inside.split(", ") if inside else ():
        if part == "*":
            parts.append("*")
            continue
        kind, name = part.split(" ", 1)
        kind = re.sub(r"(\[\d+\])?\??$", "", kind)
        parts.append(f"{TYPE_NAMES.get(kind, kind)} {name.partition('=')[0]}")
    return "(" + ", ".join(parts) + ")"


def shown_by(function):
    """The visible signatures, from the message for a wrong call; None where a single one gives no list."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(*MANY)
    except TypeError as error:
        options = re.findall(r"^ \* (\(.*\))$", str(error), re.M)
        if options:
            return options
        single = re.search(r"but expected (\(.*\))$", str(error))
        return [single[1]] if single else None
    except Exception:
        pass
    return None


def takes_nothing(function):
    try:
        function(object())
    except TypeError as error:
        return "takes no arguments (1 given)" in str(error)
    except Exception:
        pass
    return False


def is_of_method(text):
    return not re.search(r"\b(Tensor|Scalar) (input|self)\b", text)


def signatures(name, method, candidates, owner=torch):
    """The texts of one name, in PyTorch's order; empty where they cannot be told."""
    found = list(dict.fromkeys(candidates.get((name, method), [])))
    function = getattr(torch.ones(2, 2), name) if method else getattr(owner, name)
    shown = shown_by(function)
    if shown is None:
        if method and takes_nothing(function):
            return [f"{name}()"]
        # One signature gives no list.
        plausible = [t for t in found if not t.endswith("|deprecated") and (not method or is_of_method(t))]
        if not method:
            plausible = [t for t in plausible if not is_of_method(t)] or plausible
        return [max(plausible, key=len)] if plausible else []
    texts = []
    for option in shown:
        fitting = [t for t in found if displayed(t) == option and not t.endswith("|deprecated")]
        if not fitting:
            return []
        texts.append(fitting[0])
    hidden = [t for t in found if t.endswith("|deprecated") and is_of_method(t) == method]
    return texts + hidden


def public(owner):
    return sorted(name for name in dir(owner) if not name.startswith("_"))


def submodules(package):
    """
    Submodules, below packages that the facade has too (an import of others fails at the package): with nothing in
    them, as only their being is of interest.
    """
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        parts = module.name.split(".")[1:]
        if any(part.startswith("_") for part in parts):
            continue
        yield module.name
        if module.ispkg and FACADE.joinpath(*parts).is_dir():
            yield from submodules(importlib.import_module(module.name))


def main():
    known = candidates()
    modules = {"torch": torch, "torch.autograd": torch.autograd, "torch.autograd.grad_mode": torch.autograd.grad_mode}
    for name in NEURAL:
        modules[name] = importlib.import_module(name)
    names = {name: public(module) for name, module in modules.items()}
    names["torch.Tensor"] = public(torch.Tensor)
    for name in submodules(torch):
        names.setdefault(name, [])
    functions = {}
    for name in names["torch"]:
        if type(getattr(torch, name)).__name__ == "builtin_function_or_method":
            functions[name] = signatures(name, False, known)
    # What PyTorch keeps in modules of its own: torch.linalg.det is linalg_det.
    for owner in (torch._C._linalg, torch._C._special):
        for name in public(owner):
            functions[name] = signatures(name, False, known, owner)
    methods = {}
    for name in names["torch.Tensor"]:
        if type(getattr(torch.Tensor, name)).__name__ == "method_descriptor":
            methods[name] = signatures(name, True, known)
    data = {
        "names": names,
        "functions": {name: found for name, found in functions.items() if found},
        "methods": {name: found for name, found in methods.items() if found},
    }
    target = FACADE / "pytorch.json"
    target.write_text(json.dumps(data, separators=(",", ":")).replace('],"', '],\n"') + "\n")
    print(f"{target}: {len(data['functions'])} functions, {len(data['methods'])} methods, PyTorch {torch.__version__}")
    print("no signatures:", *[n for d in (functions, methods) for n, f in d.items() if not f])


main()
