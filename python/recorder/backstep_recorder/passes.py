"""Backward passes as they run: hooks on every node say what arrives and what leaves; nothing of it is changed."""
import torch

from .nodes import is_seen
from .order import expected
from .tensors import Numbers, place_of, readable, same_bits

# Passes that are kept whole; of earlier ones a summary is.
KEPT_PASSES = 64
# Bytes that kept passes may hold on to before the oldest are let go.
KEPT_BYTES = 256 * 2**20


class Step:
    __slots__ = ("node", "arrivals", "upstream", "downstream", "accumulate", "left", "done")

    def __init__(self, node):
        self.node = node
        # (sender's step or None, edge, output number, Numbers, running sum or None)
        self.arrivals = []
        self.upstream = []
        self.downstream = []
        # (before or None, added, after)
        self.accumulate = None
        # The leaf's .grad at the end of the pass, where DDP's all-reduce has changed it after that.
        self.left = None
        self.done = False


class Sent:
    """A gradient on its way: as the rule gave it, and as it arrived (broadcasting undone, dtype fitted)."""

    __slots__ = ("step", "edge", "output_nr", "tensor", "given", "value")

    def __init__(self, step, edge, output_nr, tensor):
        self.step = step
        self.edge = edge
        self.output_nr = output_nr
        self.tensor = tensor
        self.given = self.value = None

    def fit(self, shape, dtype):
        """The gradient as the engine passes it on to an output of this shape."""
        tensor = self.tensor
        fitted = tensor
        if tensor.shape != shape and not tensor.is_sparse:
            fitted = tensor.sum_to_size(shape)
            self.given = Numbers(tensor)
        if fitted.dtype != dtype:
            fitted = fitted.to(dtype)
        self.value = Numbers(fitted)
        self.tensor = None
        return fitted


class Pass:
    """One call of the engine."""

    def __init__(self, recorder, kind, where, retain, create):
        self.recorder = recorder
        self.nodes = recorder.nodes
        self.kind = kind
        self.where = where
        self.retain = retain
        self.create = create
        self.roots = []
        self.steps = []
        self.error = None
        # Keeps the graph's nodes, as long as the pass is kept.
        self.functions = {}
        self._inbox = {}
        self._handles = []
        # Hooks of leaves that have one of ours for the moment.
        self._taps = []
        self._bytes = None

    def prepare(self, tensors, gradients, inputs):
        """Hooks on every node that can be reached from the roots."""
        stack = []
        for tensor, gradient in zip(tensors, gradients):
            edge = gradient_edge(tensor)
            if edge is None or gradient is None:
                continue
            function, output_nr = edge
            record = self.nodes.of(function, self.where)
            seen = self.nodes.see(tensor, self.where) if isinstance(tensor, torch.Tensor) else None
            if not readable(gradient):
                continue
            self.roots.append((seen, record, output_nr, Numbers(gradient)))
            sent = Sent(None, 0, output_nr, gradient.detach())
            self._inbox.setdefault(record, []).append(sent)
            stack.append(function)
        # By the input's node: its shape and dtype, as far as they are known.
        self.captures = {}
        for wanted in inputs:
            edge = gradient_edge(wanted)
            if edge is not None:
                known = (wanted.shape, wanted.dtype) if isinstance(wanted, torch.Tensor) else (None, None)
                self.captures[self.nodes.of(edge[0], self.where)] = known
        while stack:
            function = stack.pop()
            record = self.nodes.of(function, self.where)
            if record in self.functions:
                continue
            self.functions[record] = function
            self.nodes.keep_saved(function, record)
            self._watch(function, record)
            stack += [following for following, _ in function.next_functions if following is not None]
        self.needed = self._lead_to(self.captures) if inputs else None

    def _lead_to(self, captures):
        needed, changed = set(captures), True
        while changed:
            more = {r for r in self.functions if r not in needed and any(n in needed for n, _ in r.edges)}
            changed = bool(more)
            needed |= more
        return needed

    def wants(self, record):
        return record is not None and (self.needed is None or record in self.needed)

    def _watch(self, function, record):
        def before(gradients):
            with self.recorder.quiet(f"what arrives at {record.name}"):
                self._begin(function, record, gradients)

        def after(sent, gradients):
            with self.recorder.quiet(f"what leaves {record.name}"):
                self._end(function, record, sent)

        try:
            self._handles += [function.register_prehook(before), function.register_hook(after)]
        except (AttributeError, RuntimeError) as error:
            self.recorder.note(f"{record.name} takes no hooks, so what passes through it is not in the trace: {error}")

    def _begin(self, function, record, gradients):
        step = self._receive(record, gradients)
        if step is not None and record.variable is not None:
            variable = function.variable
            old = variable.grad
            step.accumulate = (None if old is None or not readable(old) else Numbers(old, copy=True), None, None)
            self._tap(variable, step)

    def _tap(self, variable, step):
        """PyTorch 1 calls a leaf's hooks within the accumulation: what they leave is what is added."""
        hooks = variable._backward_hooks
        if not hooks:
            return

        def left(gradient):
            with self.recorder.quiet("what a leaf's hooks leave"):
                step.upstream[0] = Numbers(gradient, copy=True)

        hooks[self] = left
        self._taps.append(hooks)

    def _untap(self):
        while self._taps:
            self._taps.pop().pop(self, None)

    def _receive(self, record, gradients):
        """A step begins: what has arrived is added up as the engine did."""
        if all(g is None for g in gradients):
            return None
        step = Step(record)
        for gradient in gradients:
            ok = gradient is not None and readable(gradient)
            step.upstream.append(Numbers(gradient) if ok else None)
            if ok and self.create and gradient.grad_fn is not None:
                self.nodes.of(gradient.grad_fn, self.where)
        sums = {}
        for sent in self._inbox.pop(record, ()):
            nr = sent.output_nr
            if nr >= len(gradients) or gradients[nr] is None:
                continue
            value = sent.fit(gradients[nr].shape, gradients[nr].dtype)
            total = sums[nr] = value if nr not in sums else sums[nr] + value
            step.arrivals.append((sent, None if total is value else Numbers(total)))
        self.steps.append(step)
        return step

    def _end(self, function, record, sent):
        step = self.steps[-1] if self.steps else None
        if step is None or step.node is not record:
            step = next((s for s in reversed(self.steps) if s.node is record), None)
            if step is None:
                return
        step.done = True
        if record.variable is not None:
            self._untap()
            after = function.variable.grad
            before = step.accumulate[0]
            if after is None or step.upstream[0] is None:
                step.accumulate = None
            else:
                step.accumulate = (before, step.upstream[0], Numbers(after, copy=True))
                if is_distributed():
                    # Before the pass comes back, other processes' gradients will be mixed in.
                    self._settle([function.variable])
                if self.create and after.grad_fn is not None:
                    self.nodes.of(after.grad_fn, self.where)
            return
        for i, gradient in enumerate(sent):
            following, output_nr = record.edges[i]
            if gradient is None or not self.wants(following) or not readable(gradient):
                continue
            if self.create and gradient.grad_fn is not None:
                self.nodes.of(gradient.grad_fn, self.where)
            one = Sent(step, i, output_nr, gradient.detach())
            step.downstream.append(one)
            self._inbox.setdefault(following, []).append(one)

    def finish(self, results=()):
        """The engine has come back with its results: take the hooks away, add what it captured without running a node."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._untap()
        if self.error is not None:
            if self.steps and not self.steps[-1].done:
                self.steps.pop()
        self._add_captures()
        for left in self._inbox.values():
            for sent in left:
                if sent.step is not None and sent in sent.step.downstream:
                    sent.value = Numbers(sent.tensor)
                    sent.tensor = None
        self._inbox = {}
        self._see_left()
        self._settle([f.variable for r, f in self.functions.items() if r.variable is not None], results)

    def _see_left(self):
        if not is_distributed():
            return
        for step in self.steps:
            function = self.functions.get(step.node)
            if step.accumulate is None or step.accumulate[2] is None or function is None:
                continue
            left, after = function.variable.grad, step.accumulate[2].tensor()
            if left is not None and readable(left) and not (left.shape == after.shape and same_bits(left, after)):
                step.left = Numbers(left, copy=True)

    def _settle(self, variables, results=()):
        """
        What will soon be changed in place (`.grad` by zero_grad or by other processes, parameters by a step of the
        optimizer) is copied where the pass shows it; it often shares its memory with the gradients that led to it.
        """
        soon = [*variables, *(v.grad for v in variables), *results]
        places = {place_of(t) for t in soon if isinstance(t, torch.Tensor) and readable(t)}
        copies = {}
        for numbers in self._numbers():
            if numbers.place() in places:
                numbers.settle(copies)

    def _numbers(self):
        """Everything that the pass shows, each once."""
        found = {}
        for step in self.steps:
            for sent, total in step.arrivals:
                found.update({id(n): n for n in (sent.value, sent.given, total)})
            for sent in step.downstream:
                found.update({id(n): n for n in (sent.value, sent.given)})
            found.update({id(n): n for n in (*step.upstream, *(step.accumulate or ()), step.left)})
        for record in self.functions:
            found.update({id(c.numbers): c.numbers for _, c in record.saved or () if is_seen(c)})
        return [n for n in found.values() if n is not None]

    def _add_captures(self):
        for record, (shape, dtype) in self.captures.items():
            arrived = [s for s in self._inbox.get(record, ()) if s.tensor is not None]
            if not arrived or any(s.node is record for s in self.steps):
                continue
            if self.error is not None and not self._all_sent(record):
                continue
            made = {}
            for sent in arrived:
                nr = sent.output_nr
                fitted = sent.tensor if shape is None else sent.tensor.sum_to_size(shape).to(dtype)
                made[nr] = made[nr] + fitted if nr in made else fitted
            self._receive(record, [made.get(nr) for nr in range(max(made) + 1)]).done = True
        if not self.captures:
            return
        order = {r: i for i, r in enumerate(expected([r for _, r, _, _ in self.roots], self.wants))}
        if all(step.node in order for step in self.steps):
            run = [s for s in self.steps if s.node not in self.captures]
            if [order[s.node] for s in run] == sorted(order[s.node] for s in run):
                self.steps.sort(key=lambda step: order[step.node])
                return
        # Which of the nodes is older is not known: leaves at least are taken as soon as all has come.
        position = {id(step): i for i, step in enumerate(self.steps)}
        self.steps.sort(key=lambda step: self._last_sender(step, position))

    def _last_sender(self, step, position):
        """Where a step belongs: a captured leaf right behind the last that sent to it."""
        if step.node.variable is None or step.node not in self.captures:
            return position[id(step)], 0
        return max((position[id(sent.step)] for sent, _ in step.arrivals if sent.step is not None), default=-1), 1

    def _all_sent(self, record):
        """Have all nodes run that lead to this one?"""
        run = {step.node for step in self.steps}
        return all(r in run for r in self.functions if any(n is record for n, _ in r.edges))

    @property
    def bytes(self):
        """How much memory it holds on to, what several share counted once."""
        if self._bytes is None:
            places = {}
            for numbers in self._numbers():
                place = numbers.place() or id(numbers)
                places[place] = max(places.get(place, 0), numbers.bytes)
            self._bytes = sum(places.values())
        return self._bytes


def is_distributed():
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def gradient_edge(tensor):
    """
    Where a tensor's gradient goes: the node that made it, or its leaf's AccumulateGrad, and the output's number. None where
    it takes none. PyTorch 2 has such edges itself (`GradientEdge`), and takes them in place of tensors.
    """
    if not isinstance(tensor, torch.Tensor):
        node = getattr(tensor, "node", None)
        return None if node is None else (node, tensor.output_nr)
    if not tensor.requires_grad:
        return None
    if tensor.grad_fn is not None:
        return tensor.grad_fn, tensor.output_nr
    with torch.enable_grad():
        return tensor.expand_as(tensor).grad_fn.next_functions[0][0], 0


class Engine:
    """Stands before PyTorch's engine and hands everything through."""

    def __init__(self, engine, recorder):
        self._engine = engine
        self._recorder = recorder

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def run_backward(self, tensors, grad_tensors, keep_graph, create_graph, inputs=(), *rest, **more):
        recorder = self._recorder
        if not recorder.on:
            return self._engine.run_backward(tensors, grad_tensors, keep_graph, create_graph, inputs, *rest, **more)
        kind = "backward" if more.get("accumulate_grad") else "grad"
        one = Pass(recorder, kind, recorder.here(), bool(keep_graph), bool(create_graph))
        with recorder.quiet("a backward pass"):
            one.prepare(tensors, grad_tensors, inputs or ())
        results = ()
        try:
            results = self._engine.run_backward(tensors, grad_tensors, keep_graph, create_graph, inputs, *rest, **more)
            return results
        except BaseException as error:
            one.error = str(error)
            raise
        finally:
            with recorder.quiet("the end of a backward pass"):
                one.finish(results or ())
                recorder.keep(one)
