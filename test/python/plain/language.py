# %% names, scopes, closures
x = 3
def outer(a, b=2, *args, c=4, **kw):
    """Doc."""
    global x
    n = a + b
    def inner(m):
        nonlocal n
        n += m
        return n * c
    x = inner(1) + len(args)
    del a
    return locals()
print(sorted(outer(1, 2, 3, d=5).items(), key=str)[0][0], outer.__doc__, x)
print(sorted(k for k in outer(1)))
def f(): return sorted(locals()), sorted(vars())
print(f())

# %% classes and super
class A:
    """Doc of A."""
    k = 1
    j = k + 1
    items = [i for i in range(3)]
    def __init__(self, v): self.v = v
    @property
    def double(self): return self.v * 2
    @staticmethod
    def s(a): return a
    @classmethod
    def c(cls, a): return cls(a).v
    def __add__(self, o): return A(self.v + (o.v if isinstance(o, A) else o))
    def __iadd__(self, o): self.v += o; return self
    def __repr__(self): return f"A({self.v})"
class B(A):
    def __init__(self, v):
        super().__init__(v)
        super(B, self).__init__(v + 1)
        self.__private = v
    def get(self): return self.__private, super().double
b = B(3)
print(b, b.get(), b.double, A.c(5), A.s(6), A.items, A.j, A.__doc__, b + 1, A(1) + b)
b += 5
print(b, b.__dict__, B.__mro__[1].__name__)

# %% comprehensions, generators, lambdas
rows = [[1, 2], [3, 4]]
print([x for row in rows for x in row if x > 1], {x: y for x, y in rows}, {x for x in rows[0]}, list(x * 2 for x in rows[1]))
g = (i * j for i in range(3) for j in range(i))
print(next(g, None), list(g))
def gen(n):
    for i in range(n):
        got = yield i
        if got: yield got * 10
    return "end"
it = gen(3)
print(next(it), it.send(5), next(it))
def deleg():
    r = yield from gen(2)
    print("r", r)
print(list(deleg()))
f = lambda a, b=rows: (a, b[0])
print(f(1), (lambda *a, **k: (a, k))(1, 2, z=3))
print([(lambda q: q + i)(1) for i in range(3)], sorted(rows, key=lambda r: -r[0]))

# %% assignments of every kind
a = b = c = [1, 2, 3]
(d, e), *f = (1, 2), 3, 4
a[0], a[1:] = 9, [8, 7]
x: int = 5
y: "not evaluated" = 6
z: int
i = 0
i += 1; i -= 3; i *= 2; i **= 2; i //= 3; i %= 4; i <<= 2; i |= 1; i ^= 3; i &= 7
class N: pass
n = N()
n.v = 1
n.v += 1
a[0] += 1
d = {"k": [0]}
d["k"][0] -= 1
if (w := len(a)) > 2: print("walrus", w)
print([v := 3, v ** 2], [last := t for t in range(3)], last)
print(a, b, c, d, e, f, x, y, i, n.v, __annotations__ if "__annotations__" in globals() else 0)
del a[0], n.v, b
print(c, hasattr(n, "v"), "b" in globals())

# %% control flow
for i in range(3):
    if i == 1: continue
    for j in (1, 2):
        if j == 2: break
    else: print("never")
    print(i, j)
else: print("else")
while i: i -= 1
else: print("while else")
try:
    try: 1 / 0
    except ZeroDivisionError as error: raise KeyError("k") from error
    finally: print("finally")
except (KeyError, ValueError) as e: print(repr(e), repr(e.__cause__))
else: print("no")
try: assert i > 5, f"i is {i}"
except AssertionError as e: print(e)
print(1 if i else 2, i and 3, i or 4, not i, 1 < 2 < 3, 3 not in [1], i is not None)
pass

# %% with statements
from contextlib import contextmanager, suppress
@contextmanager
def c(v):
    print("enter", v)
    try: yield v + 1
    finally: print("exit", v)
with c(1) as a, c(2) as (b): print(a, b)
with c(3): pass
with suppress(ValueError): int("x")
class M:
    def __enter__(self): return 1, 2
    def __exit__(self, *a): return True
with M() as (p, q): raise RuntimeError
print(p, q)

# %% decorators
import functools
def deco(n):
    def wrap(f):
        @functools.wraps(f)
        def inner(*a, **k): return f(*a, **k) + n
        return inner
    return wrap
@deco(1)
@deco(n=10)
def f(x):
    "doc"
    return x
print(f(5), f.__name__, f.__doc__)
@deco
class Never: pass
print(Never)if False else print("ok")

# %% f-strings
x, w = 3.14159, 8
d = {"a": [1, 2]}
print(f"{x:.2f} {x!r} {x:{w}.3f} {d['a'][0]} {x=} {x + 1 = } {'nested ' + f'{w}'} {{}}")
print(f"{[i for i in range(3)]} {(lambda q: q * 2)(4)} {w:>{w}}", "%s %d" % (x, w), "{:.1f}".format(x))

# %% star arguments
def f(*a, **k): return a, k
l, d = [1, 2], {"x": 1}
print(f(*l, 3, *l, y=2, **d), [*l, *l], {**d, "z": 2}, (*l,), max(*l), print(*l, sep="-"))
a, *b, c = range(5)
print(a, b, c)

# %% async
import asyncio
async def agen(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
class C:
    async def __aenter__(self): return "in"
    async def __aexit__(self, *a): print("out")
async def main():
    async with C() as c: print(c)
    async for i in agen(3): print(i)
    print([i async for i in agen(2)], await asyncio.gather(one(1), one(2)))
async def one(x): return x * 2
asyncio.run(main())

# %% future, docstring, debug, module attributes
"""The module's docstring."""
from __future__ import annotations
def f(x: Undefined, *y: Also) -> Nothing: return x
print(__doc__, f.__annotations__, __debug__, __name__, __file__.endswith("snippet.py"), f.__module__)
if __debug__: print("debug")
if __name__ == "__main__": print("main")

# %% stack and names seen from inside
import sys, inspect
def who(): return sys._getframe(1).f_code.co_name, sys._getframe(1).f_lineno, inspect.stack()[1].lineno
def caller(): return who()
print(caller(), caller.__code__.co_varnames, caller.__code__.co_firstlineno)
def g(a, b):
    c = a
    return c
print(g.__code__.co_varnames, inspect.getsource(g), inspect.signature(g))
exec("y = 5"); print(y, eval("y + 1"), sorted(k for k in globals() if not k.startswith("_")))

# %% recursion and depth
import sys
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
print(depth(800))
def forever(): return forever()
try: forever()
except RecursionError as e: print(e)

# %% weak references and deletion
import gc, weakref
class T:
    def __del__(self): print("deleted", self.n)
def f():
    t = T(); t.n = 1
    r = weakref.ref(t)
    u = t
    del t
    print(r() is u)
f()
x = T(); x.n = 2
y = [x]
x = None
y.clear()
print("end")

# %% a property that counts
class P:
    n = 0
    @property
    def v(self): self.n += 1; return self.n
    def __getitem__(self, i): self.n += 1; return self.n
    def __bool__(self): print("bool"); return True
    def __eq__(self, o): print("eq"); return True
p = P()
print(p.v, p.v, p[0], p["a"], p.n)
if p: pass
p == 1
p.w = p.v
p.w += p.v
print(p.w, p.n)

# %% dataclasses, enums, typing
from dataclasses import dataclass, field
from enum import Enum
from typing import List, Optional
@dataclass
class D:
    a: int
    b: List[int] = field(default_factory=list)
    c: Optional[str] = None
class E(Enum):
    A = 1
    B = A + 1
print(D(1), D(1) == D(1), E.B, list(E))

# %% match
def m(x):
    match x:
        case 0: return "zero"
        case [a, b, *rest] if a > b: return a, b, rest
        case {"k": v, **other}: return v, other
        case str() as s: return s + "!"
        case complex(real=r): return r
        case E.X | None: return "alt"
        case _: return "other"
class E: X = 7
print(m(0), m([2, 1, 3, 4]), m({"k": 1, "z": 2}), m("a"), m(1 + 2j), m(7), m(None), m(object) , m([1, 2]))

# %% sorted tricks with names like builtins
print_ = print
def print_twice(*a): print(*a); print(*a)
sum = lambda xs: "mine"
print_twice(sum([1]))
list_ = list(range(3))
print_(list_)

# %% unicode
ä = "ü🙂"
def größe(ñ): return ñ * 2
print(größe(ä), f"{ä=}")

# %% exec handlers and standard error
import sys, atexit, warnings
atexit.register(print, "bye")
print("to stderr", file=sys.stderr)
warnings.warn("careful")
sys.stdout.write("x\n")
