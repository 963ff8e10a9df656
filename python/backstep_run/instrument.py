"""
Code that reports its tensors: expressions wrapped in `__backstep_see__(slot, value)`, which gives the value back.
Places are copied from what is wrapped, so tracebacks and carets stay those of the plain code.
"""
import ast
import sys

SEE = "__backstep_see__"
SHOW = "__backstep_show__"
CHANGED = "__backstep_changed__"
_LOAD = ast.Load()
# A longer text runs plain: rewriting it would take longer than a person waits for its hovers.
SIZE_LIMIT = 150_000
# Calls of these give no tensor (unless shadowed, and then only a hover is missing).
_NEVER = frozenset(
    "print len range enumerate zip isinstance issubclass super int float str repr type list dict set tuple open hasattr".split()
)
_UNNAMED = frozenset(("self", "cls", "_"))
# Before Python 3.12 the places of what stands in an f-string are wrong.
_FSTRINGS = sys.version_info >= (3, 12)


class Slots:
    """The numbered expressions of all sources: (source, line, column, end line, end column, name or None)."""

    def __init__(self, changes=False):
        self.all = []
        # By number: what made the value, where that is not the expression itself (`x += 1` for the name x).
        self.made = {}
        # Are statements that change a value in place to be reported as well?
        self.changes = changes

    def add(self, source, node, name=None, made=None):
        self.all.append((source, *_place(node), name))
        if made is not None:
            self.made[len(self.all) - 1] = (source, *_place(made))
        return len(self.all) - 1


def _place(node):
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _at(node):
    """Keyword arguments that put a new node where another is."""
    return dict(zip(("lineno", "col_offset", "end_lineno", "end_col_offset"), _place(node)))


class Instrument(ast.NodeTransformer):
    """Rewrites one module's tree."""

    def __init__(self, source, slots):
        self.source = source
        self.slots = slots
        self.modules = set()
        # Names that a comprehension binds, and what it goes over: that is what makes their values.
        self._loops = {}

    def rewrite(self, tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.modules.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        return self.visit(tree)

    # Building

    @staticmethod
    def _call(function, slot, value, at):
        return ast.Call(ast.Name(function, _LOAD, **at), [ast.Constant(slot, **at), value], [], **at)

    def _see(self, value, place, name=None, made=None):
        return self._call(SEE, self.slots.add(self.source, place, name, made), value, _at(place))

    def _see_name(self, name, made=None):
        """A statement that reports a name that has just been bound; `name` is a node with its place."""
        at = _at(name)
        return ast.Expr(self._see(ast.Name(name.id, _LOAD, **at), name, name.id, made), **at)

    def _see_names(self, target, made=None):
        """Statements that report the names that a target has just bound; `made` is what made their values."""
        return [
            self._see_name(name, made)
            for name in ast.walk(target)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id not in _UNNAMED
        ]

    # Expressions

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load) or node.id in _UNNAMED or node.id.startswith("__"):
            return node
        if node.id in self.modules:
            return node
        return self._see(node, node, node.id, self._loops.get(node.id))

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return self._see(node, node) if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node):
        self.generic_visit(node)
        return self._see(node, node) if isinstance(node.ctx, ast.Load) else node

    def visit_Call(self, node):
        function = node.func
        if isinstance(function, ast.Attribute):
            function.value = self.visit(function.value)
        elif not isinstance(function, ast.Name):
            node.func = self.visit(function)
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        if isinstance(function, ast.Name) and function.id in _NEVER:
            return node
        return self._see(node, node)

    def _operation(self, node):
        if all(isinstance(part, (ast.Constant, ast.operator, ast.unaryop)) for part in ast.iter_child_nodes(node)):
            return node
        self.generic_visit(node)
        return self._see(node, node)

    visit_BinOp = visit_UnaryOp = visit_Compare = _operation

    def visit_Assert(self, node):
        # Before Python 3.13 the carets of an AssertionError follow what was evaluated last: the test stays as it is.
        self.generic_visit(node.test)
        if node.msg is not None:
            node.msg = self.visit(node.msg)
        return node

    def visit_NamedExpr(self, node):
        node.value = self._bound(node.value, [node.target])
        return node

    def visit_JoinedStr(self, node):
        return self.generic_visit(node) if _FSTRINGS else node

    def visit_Lambda(self, node):
        self._defaults(node.args)
        node.body = self.visit(node.body)
        return node

    # Binding statements

    def _bound(self, value, targets):
        """A value that is about to be bound: reported as an expression and under each name."""
        if isinstance(value, ast.Constant):
            return value
        value = self.visit(value)
        for target in targets:
            if isinstance(target, ast.Name) and target.id not in _UNNAMED:
                value = self._see(value, target, target.id)
            elif isinstance(target, ast.Attribute):
                value = self._see(value, target, self._dotted(target))
        return value

    def _dotted(self, node):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None

    def visit_Assign(self, node):
        # The value comes first, as it does when the statement runs.
        node.value = self._bound(node.value, node.targets)
        after = []
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                after += self._see_names(target, target)
            after += self._changed(target, target)
            self.generic_visit(target)
        return [node, *after]

    def visit_AnnAssign(self, node):
        if node.value is not None:
            node.value = self._bound(node.value, [node.target])
        self.generic_visit(node.target)
        return node

    def visit_AugAssign(self, node):
        node.value = self.visit(node.value)
        if not isinstance(node.target, ast.Name):
            changed = self._changed(node.target, node)
            self.generic_visit(node.target)
            return [node, *changed]
        return [node, *self._see_names(node.target, node)]

    def _changed(self, target, made):
        """Statements that report the tensor of which `target` is a part, where a name is all that it takes to get it."""
        if not self.slots.changes or not isinstance(target, ast.Subscript):
            return []
        whole = target.value
        while isinstance(whole, ast.Subscript):
            whole = whole.value
        if not isinstance(whole, ast.Name):
            return []
        at = _at(whole)
        slot = self.slots.add(self.source, whole, None, made)
        return [ast.Expr(self._call(CHANGED, slot, ast.Name(whole.id, _LOAD, **at), at), **at)]

    def _for(self, node):
        seen = self._see_names(node.target, node.iter)
        node.iter = self.visit(node.iter)
        self.generic_visit(node.target)
        node.body = seen + self._block(node.body)
        node.orelse = self._block(node.orelse)
        return node

    visit_For = visit_AsyncFor = _for

    def _with(self, node):
        seen = []
        for item in node.items:
            item.context_expr = self.visit(item.context_expr)
            if item.optional_vars is not None:
                seen += self._see_names(item.optional_vars)
                self.generic_visit(item.optional_vars)
        node.body = seen + self._block(node.body)
        return node

    visit_With = visit_AsyncWith = _with

    def _comprehension(self, node):
        before = self._loops
        loops = {
            name.id: loop.iter for loop in node.generators for name in ast.walk(loop.target) if isinstance(name, ast.Name)
        }
        self._loops = {**before, **loops}
        self.generic_visit(node)
        self._loops = before
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_comprehension(self, node):
        node.iter = self.visit(node.iter)
        node.ifs = [self.visit(condition) for condition in node.ifs]
        return node

    # Definitions

    def _block(self, statements):
        out = []
        for statement in statements:
            got = self.visit(statement)
            out += got if isinstance(got, list) else [got]
        return out

    def _defaults(self, arguments):
        arguments.defaults = [self.visit(default) for default in arguments.defaults]
        arguments.kw_defaults = [None if d is None else self.visit(d) for d in arguments.kw_defaults]

    def _function(self, node):
        self._defaults(node.args)
        every = [*getattr(node.args, "posonlyargs", ()), *node.args.args, *node.args.kwonlyargs]
        seen = [self._see_name(name) for name in map(_parameter, every) if name.id not in _UNNAMED]
        doc = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body = node.body[:doc] + seen + self._block(node.body[doc:])
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_ClassDef(self, node):
        doc = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body = node.body[:doc] + self._block(node.body[doc:])
        return node

    def visit_Module(self, node):
        node.body = self._block(node.body)
        return node

    def visit_match_case(self, node):
        if node.guard is not None:
            node.guard = self.visit(node.guard)
        node.body = self._block(node.body)
        return node

    def visit_ExceptHandler(self, node):
        node.body = self._block(node.body)
        return node

    def _untouched(self, node):
        return node

    visit_TypeAlias = visit_Import = visit_ImportFrom = visit_Global = visit_Nonlocal = _untouched


def _parameter(argument):
    """A load of a parameter, placed at its name (without the annotation)."""
    end = argument.col_offset + len(argument.arg.encode("utf-8"))
    return ast.Name(
        argument.arg,
        ast.Load(),
        lineno=argument.lineno,
        col_offset=argument.col_offset,
        end_lineno=argument.lineno,
        end_col_offset=end,
    )


def show_last(tree, last, code):
    """Turn a block's last expression into a call that shows it, unless a semicolon follows; as a notebook does."""
    if last is not tree.body[-1] or not isinstance(last, ast.Expr):
        return
    lines = code.split("\n")[last.end_lineno - 1 :]
    lines[0] = lines[0].encode("utf-8")[last.end_col_offset :].decode("utf-8")
    if "".join(lines).lstrip().startswith(";"):
        return
    call = ast.Call(ast.Name(SHOW, ast.Load()), [last.value], [])
    last.value = ast.copy_location(call, last)
    ast.copy_location(call.func, last)


def compile_source(source, slots, show=False):
    """
    A code object of a source, reporting to `slots` unless that is None; SyntaxError as Python raises it. What is
    nested too deep for the rewriter is left plain.
    """
    known = 0 if slots is None else len(slots.all)
    # Not `ast.parse`: its own frame would stand in the traceback of a syntax error.
    tree = compile(source.code, source.name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    last = tree.body[-1] if show and tree.body else None
    if slots is not None:
        try:
            tree = Instrument(source, slots).rewrite(tree)
            if last is not None:
                show_last(tree, last, source.code)
            return compile(tree, source.name, "exec", dont_inherit=True)
        except RecursionError:
            del slots.all[known:]
            return compile_source(source, None, show)
    if last is not None:
        show_last(tree, last, source.code)
    return compile(tree, source.name, "exec", dont_inherit=True)
