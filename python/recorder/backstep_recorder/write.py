"""From what was remembered to the trace: everything gets an index, and where known a name and a range."""
import os

import torch

from . import formulas
from .evaluate import worked_out
from .nodes import LEAF_SEQUENCE, is_seen
from .tensors import COPIED, Numbers, readable, version_of

FORMAT, VERSION, REPR_LIMIT = "backstep-trace", 1, 4000
CHANGED = f"Tensors of more than {COPIED:,} elements that were changed in place after they were seen are shown as they were at the end."
FULL = "The elements of large tensors are kept up to {0} MB; of the others only the summaries are."


class Writer:
    """`store` (see store.py), if any, takes the elements of what the trace only summarises."""

    def __init__(self, recorder, meta, store=None):
        self.recorder = recorder
        self.meta = meta
        self.store = store
        self._tensors = []
        self._index = {}
        self._objects = {}
        self._names = {}
        parameters = [(known(), path) for known, path in recorder.parameters.values()]
        self._paths = {recorder.tensors.uid(p): path for p, path in parameters if p is not None}
        self._shown = set()
        self._rules = {}

    def trace(self):
        recorder, meta = self.recorder, self.meta
        self._renew_views()
        self.nodes = self._all_nodes()
        self._node_index = {record: i for i, record in enumerate(self.nodes)}
        for one in recorder.passes:
            for record, function in one.functions.items():
                recorder.nodes.keep_saved(function, record)
        bindings = []
        for slot, (seen, count) in sorted(recorder.slots.items()):
            place = meta["slots"][slot]
            if place["name"] is not None:
                names = self._names.setdefault(seen.uid, [])
                if place["name"] not in names:
                    names.append(place["name"])
            index = self.tensor(seen)
            self._shown.add(index)
            bindings.append({"range": place["range"], "text": place["text"], "tensor": index, "count": count})
        for uid, name in meta.get("names", ()):
            names = self._names.setdefault(uid, [])
            if name not in names:
                names.append(name)
        nodes = [self._node(record) for record in self.nodes]
        passes = [self._pass(one, recorder.omitted if i == 0 else 0) for i, one in enumerate(recorder.passes)]
        tensors, done = [], 0
        while done < len(self._tensors):
            tensors.append(self._describe(done))
            done += 1
        if self.store is not None and self.store.full:
            recorder.note(FULL.format(self.store.limit >> 20))
        notes = meta["notes"] + recorder.notes
        if recorder.omitted:
            notes = notes + [
                f"{recorder.omitted} earlier backward passes are not kept: only the last {len(recorder.passes)} are."
            ]
        return {
            "format": FORMAT,
            "version": VERSION,
            "engine": {"name": "pytorch", "torch": str(torch.__version__)},
            **_process(),
            "sources": meta["sources"],
            "tensors": tensors,
            "nodes": nodes,
            "backwards": passes,
            "bindings": bindings,
            "output": meta["output"],
            "error": meta["error"],
            "notes": notes,
            **self._summaries(),
        }

    def _renew_views(self):
        """The program is over: now views whose base had changed may be asked for their grad_fn."""
        for seen, _ in self.recorder.slots.values():
            tensor = seen.tensor()
            if not seen.stale or tensor is None or version_of(tensor) != seen.version:
                continue
            try:
                function = tensor.grad_fn
            except RuntimeError:
                continue  # a view that PyTorch no longer lets anybody ask for its history
            if function is not None:
                seen.node, seen.output_nr = self.recorder.nodes.of(function, None), tensor.output_nr

    def _summaries(self):
        summaries = self.recorder.summaries
        return {"summaries": summaries.written(self._objects, self._names_of)} if summaries.all else {}

    def _all_nodes(self):
        """Nodes of kept passes and of graphs that are still alive, oldest first, each leaf before its first user."""
        found, stack = {}, []

        def visit(record):
            if record is not None and record not in found and record.alive:
                found[record] = None
                stack.append(record)

        for one in self.recorder.passes:
            for _, record, _, _ in one.roots:
                visit(record)
            for step in one.steps:
                visit(step.node)
        for _, (seen, _) in sorted(self.recorder.slots.items()):
            visit(seen.node)
        while stack:
            for following, _ in stack.pop().edges:
                visit(following)
        order = {}
        for record in sorted((r for r in found if r.sequence != LEAF_SEQUENCE), key=lambda r: r.sequence):
            for following, _ in record.edges:
                if following is not None and following.sequence == LEAF_SEQUENCE and following in found:
                    order[following] = None
            order[record] = None
        order.update(found)
        return list(order)

    def _where(self, where):
        if where is None:
            return None
        if isinstance(where, tuple):
            return self.meta["sites"].get(str(where[1]))
        made = self.meta.get("made", {}).get(str(where))
        return made or self.meta["slots"][where]["range"]

    def tensor(self, seen):
        """The index of a tensor's record."""
        key = (seen.uid, seen.version, seen.requires_grad, seen.node, id(seen.numbers))
        if key not in self._index:
            self._index[key] = len(self._tensors)
            self._tensors.append(seen)
        return self._index[key]

    def _value(self, numbers):
        """The trace's Value of numbers, and where its elements lie if they are kept."""
        value = numbers.value()
        if numbers.held is None:
            return value
        if numbers.changed():
            self.recorder.note(CHANGED)
        stored = None if self.store is None else self.store.keep(numbers)
        return value if stored is None else {**value, "stored": stored}

    def _names_of(self, uid):
        """A parameter's path in the program's module, then the variables that held the tensor."""
        path = self._paths.get(uid)
        names = self._names.get(uid, [])
        return names if path is None else [path, *(name for name in names if name != path)]

    def _describe(self, index):
        seen = self._tensors[index]
        tensor = seen.tensor()
        numbers = seen.numbers
        version = seen.version
        if numbers.changed():
            # The old numbers are gone: it is shown as it is now, and that is said.
            self.recorder.note(CHANGED)
            version = version_of(numbers.held)
            numbers = Numbers(numbers.held)
        grad = None if tensor is None else _grad_of(tensor)
        base = None
        if seen.base is not None:
            base = next((i for i, other in enumerate(self._tensors) if other.uid == seen.base), None)
        return {
            "object": self._objects.setdefault(seen.uid, len(self._objects)),
            "shape": numbers.shape,
            "dtype": numbers.dtype,
            "device": seen.device,
            "requiresGrad": seen.requires_grad,
            "isLeaf": seen.is_leaf,
            "node": self._node_index.get(seen.node),
            "outputNr": seen.output_nr,
            "viewOf": base,
            "version": version,
            "value": self._value(numbers),
            "repr": self._repr(seen, numbers) if index in self._shown else None,
            "names": self._names_of(seen.uid),
            "grad": None if grad is None or not readable(grad) else self._value(Numbers(grad)),
        }

    @staticmethod
    def _repr(seen, numbers):
        tensor = seen.tensor()
        same = tensor is not None and not tensor.is_inference() and version_of(tensor) == seen.version
        if same and tensor.requires_grad == seen.requires_grad:
            try:
                if not seen.is_leaf or tensor.is_leaf:
                    return repr(tensor)[:REPR_LIMIT]
            except RuntimeError:
                pass  # a view that PyTorch no longer lets anybody ask for its history
        text = repr(numbers.tensor())
        if seen.node is not None:
            text = f"{text[:-1]}, grad_fn=<{seen.node.name}>)"
        elif seen.requires_grad:
            text = f"{text[:-1]}, requires_grad=True)"
        if issubclass(seen.kind, torch.nn.Parameter):
            text = f"Parameter containing:\n{text}"
        return text[:REPR_LIMIT]

    def _rule(self, record):
        rule = self._rules.get(record)
        if rule is None:
            attributes = [name.partition("[")[0] for name, _ in record.saved or ()]
            rule = self._rules[record] = formulas.Rule(record.name, len(record.edges), attributes)
        return rule

    def _node(self, record):
        rule = self._rule(record)
        where = self._where(record.where)
        kept = {rule.term(name): content for name, content in record.saved or () if is_seen(content)}
        leaf = record.variable is not None
        return {
            "name": record.name,
            "op": "leaf" if leaf else rule.op,
            "pattern": "accumulate" if leaf else rule.pattern,
            "sequenceNr": record.sequence,
            "edges": [
                {
                    "input": rule.inputs[i],
                    "node": self._node_index.get(following),
                    "outputNr": nr,
                    "tensor": self._edge_tensor(following, nr, kept.get(rule.inputs[i])),
                    "formula": rule.rules[i]["formula"] if rule.rules[i] else None,
                    "means": rule.rules[i]["means"] if rule.rules[i] else None,
                }
                for i, (following, nr) in enumerate(record.edges)
            ],
            "saved": [
                {
                    "name": name,
                    "term": rule.term(name),
                    "content": self._content(content),
                    "range": self._where(content.node.where)
                    if is_seen(content) and content.node is not None
                    else None if is_seen(content) else where,
                }
                for name, content in record.saved or ()
            ],
            "outputs": [None]
            if leaf
            else [
                None if record.outputs.get(i) is None else self.tensor(record.outputs[i])
                for i in range(max(record.outputs, default=0) + 1)
            ],
            "variable": self.tensor(record.variable) if leaf else None,
            "range": None if leaf else where,
            "module": record.module,
        }

    def _edge_tensor(self, following, nr, kept):
        if following is not None:
            seen = following.variable or following.outputs.get(nr)
            if seen is not None:
                return self.tensor(seen)
        return None if kept is None else self.tensor(kept)

    def _content(self, content):
        if is_seen(content):
            return {"kind": "tensor", "tensor": self.tensor(content)}
        if isinstance(content, Exception):
            return {"kind": "unavailable", "reason": str(content)}
        return {"kind": "literal", "text": formulas.literal(content)}

    def _pass(self, one, omitted):
        position = {id(step): i for i, step in enumerate(one.steps)}
        return {
            "kind": one.kind,
            "roots": [
                {
                    "tensor": None if seen is None else self.tensor(seen),
                    "node": self._node_index[record],
                    "outputNr": nr,
                    "seed": self._value(seed),
                }
                for seen, record, nr, seed in one.roots
            ],
            "retainGraph": one.retain,
            "createGraph": one.create,
            "range": self._where(one.where),
            "steps": [self._step(step, position) for step in one.steps],
            "error": one.error,
            "omittedBefore": omitted,
        }

    def _step(self, step, position):
        rule = self._rule(step.node)
        plain, values = {}, {}
        for name, content in step.node.saved or ():
            if is_seen(content):
                if not content.numbers.changed():
                    values[rule.term(name)] = content.numbers
            elif not isinstance(content, Exception):
                plain[rule.term(name)] = content
        if step.upstream and step.upstream[0] is not None:
            values["grad"] = step.upstream[0]
        accumulate = None
        if step.accumulate is not None and step.accumulate[2] is not None:
            before, added, after = step.accumulate
            accumulate = {
                "before": None if before is None else self._value(before),
                "added": self._value(added),
                "after": self._value(after),
            }
            if step.left is not None:
                accumulate["left"] = self._value(step.left)
        return {
            "node": self._node_index[step.node],
            "arrivals": [
                {
                    "from": None if sent.step is None else {"step": position[id(sent.step)], "edge": sent.edge},
                    "outputNr": sent.output_nr,
                    "value": self._value(sent.value),
                    "sum": None if total is None else self._value(total),
                }
                for sent, total in step.arrivals
            ],
            "upstream": [None if n is None else self._value(n) for n in step.upstream],
            "downstream": [self._sent(sent, rule, plain, values) for sent in step.downstream],
            "accumulate": accumulate,
        }

    def _sent(self, sent, rule, plain, values):
        text, terms, given = formulas.applied(rule.rules[sent.edge], plain), [], sent.given
        if text is not None:
            found = worked_out(text, plain, values, sent.value)
            if found is not None:
                terms, before = found
                given = given or before
        unbroadcast = None
        if given is not None:
            before, after = given.shape, sent.value.shape
            lead = len(before) - len(after)
            axes = [i for i, n in enumerate(before) if i < lead or (after[i - lead] == 1 and n != 1)]
            unbroadcast = {"before": self._value(given), "axes": axes, "shape": after}
        return {
            "edge": sent.edge,
            "value": self._value(sent.value),
            "formula": text,
            "terms": terms,
            "unbroadcast": unbroadcast,
        }


def _process():
    """Which of several processes this is, as torchrun says it; nothing where there is only one."""
    rank, size = os.environ.get("RANK", ""), os.environ.get("WORLD_SIZE", "")
    if rank.isdigit() and size.isdigit() and int(rank) < int(size):
        return {"process": {"rank": int(rank), "of": int(size)}}
    return {}


def _grad_of(tensor):
    """`.grad`, without the warning that asking for it gives where there is none to come."""
    try:
        return tensor.grad if tensor.is_leaf or getattr(tensor, "retains_grad", False) else None
    except RuntimeError:
        return None  # a view that PyTorch no longer lets anybody ask for its history
