"""
What a debugger asks of a program that stands at a breakpoint: which tensors the frame has, and the backward pass that
hangs from one of them. The pass runs beside the program: nothing of it is other afterwards. Answers go into a file,
because debuggers cut long strings.
"""
import json
import os
import sys

from .refused import Refused


def answer(request, scope):
    """
    Answer a request (JSON text) about a frame whose names are `scope`; "done" once the answer stands in its file.

    {"kind": "tensors", "expression"?}: the frame's tensors, and whether the expression is one.
    {"kind": "trace", "expression", "out", "file", "name", "line"}: a trace in the file `out`.
    Both have "answer", the file for the answer.
    """
    request = json.loads(request)
    try:
        found = _answer(request, scope)
    except Refused as refused:
        found = refused.answer
    except Exception as error:
        found = Refused("failed", error=f"{type(error).__name__}: {error}").answer
    _write(request["answer"], found)
    return "done"


def _answer(request, scope):
    if "torch" not in sys.modules:
        raise Refused("noTorch")
    if request["kind"] == "tensors":
        return _tensors(request, scope)
    return _trace(request, scope)


def _write(path, content):
    with open(f"{path}.partial", "w", encoding="utf-8") as file:
        json.dump(content, file, allow_nan=False, separators=(",", ":"))
    os.replace(f"{path}.partial", path)


def _tensors(request, scope):
    from .frame import held, is_plain

    chosen, expression = None, request.get("expression")
    if expression is not None and is_plain(expression):
        try:
            _root(_value(expression, scope))
            chosen = {"expression": expression, "refused": None}
        except Refused as refused:
            chosen = {"expression": expression, "refused": refused.answer}
    described = [
        {
            "expression": text,
            "shape": list(tensor.shape),
            "dtype": str(tensor.dtype).replace("torch.", ""),
            "gradFn": type(tensor.grad_fn).__name__,
        }
        for text, tensor in held(scope)
        if _is_root(tensor)
    ]
    return {"kind": "tensors", "tensors": described, "chosen": chosen}


def _value(expression, scope):
    try:
        code = compile(expression.strip(), "<expression>", "eval", dont_inherit=True)
        value = eval(code, dict(scope))
    except NameError as error:
        raise Refused("unset", expression=expression, error=error) from None
    except Exception as error:
        raise Refused("raises", expression=expression, error=f"{type(error).__name__}: {error}") from None
    return value


def _is_root(tensor):
    try:
        _root(tensor)
    except Refused:
        return False
    return True


def _root(value):
    """A tensor from which a pass can start."""
    import torch

    from .tensors import readable

    if not isinstance(value, torch.Tensor):
        raise Refused("noTensor", type=type(value).__name__)
    if _is_wrapped(value):
        raise Refused("transformed")
    if value.is_leaf:
        raise Refused("leaf" if value.requires_grad else "noGradient")
    if not readable(value):
        raise Refused("unreadable", dtype=value.dtype, layout=value.layout, device=value.device)
    return value


def _is_wrapped(tensor):
    """Is it one of torch.func's stand-ins, or a fake one of the compiler's?"""
    import torch

    functorch = getattr(torch._C, "_functorch", None)
    wrapped = getattr(functorch, "is_functorch_wrapped_tensor", None)
    if wrapped is not None and wrapped(tensor):
        return True
    return type(tensor).__name__ in ("FakeTensor", "FunctionalTensor")


def _trace(request, scope):
    import torch

    root = _root(_value(request["expression"], scope))
    with torch.no_grad():
        trace, notes = _recorded(root, request, scope)
    _write(request["out"], trace)
    return {"kind": "traced", "notes": notes}


def _recorded(root, request, scope):
    """(trace, notes with a code and what belongs to it)."""
    from .beside import recorded
    from .frame import Places, held
    from .store import Store
    from .write import Writer

    text = _text(request["file"])
    with recorded(root) as (recorder, left):
        names = [(recorder.tensors.uid(tensor), name) for name, tensor in held(scope) if _is_shown(recorder, tensor)]
        meta = {
            "sources": [{"name": request["name"], "text": text}],
            "sites": {},
            "slots": _bind(recorder, Places(text, request["line"]), scope, text),
            "output": [],
            "error": None,
            "notes": [],
            "names": names,
        }
        store = Store(f"{request['out']}.bin")
        try:
            trace = Writer(recorder, meta, store).trace()
        finally:
            store.close()
    notes = [{"code": "beside"}]
    if root.numel() != 1:
        notes.append({"code": "ones", "expression": request["expression"], "count": root.numel()})
    if left.hooks:
        notes.append({"code": "hooks", "count": left.hooks})
    if left.printed:
        notes.append({"code": "printed", "text": left.printed[:1000]})
    return trace, notes


def _is_shown(recorder, tensor):
    """Is it part of the pass's graph?"""
    return recorder.tensors.latest(tensor) is not None


def _bind(recorder, places, scope, text):
    """The slots of the frame's names, as backstep_run makes them for what it runs itself."""
    from backstep_run.sources import Source

    source, slots = Source(0, "", text), []

    def slot(node, name):
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        slots.append({"range": source.range(*place), "text": source.segment(*place), "name": name})
        return len(slots) - 1

    for node, dotted in places.names:
        tensor = places.resolve(dotted, scope)
        if tensor is None or _is_wrapped(tensor):
            continue
        seen = recorder.nodes.see(tensor, None)
        if seen is not None:
            recorder.slots[slot(node, dotted)] = [seen, 1]
    for dotted, value in places.assigned.items():
        tensor = places.resolve(dotted, scope)
        # A tensor that was changed in place since was made elsewhere.
        if tensor is not None and tensor.grad_fn is not None and tensor._version == 0:
            record = recorder.nodes.known(tensor.grad_fn)
            if record is not None and record.where is None:
                record.where = slot(value, None)
                recorder.slots[record.where] = [recorder.nodes.see(tensor, None), 1]
    return slots


def _text(path):
    """The file as it is on the disk; empty where there is none (a cell, a string)."""
    import linecache

    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError, TypeError, ValueError):
        return "".join(linecache.getlines(path)) if isinstance(path, str) else ""
