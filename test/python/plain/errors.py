# %% in an expression
x = [1, 2]
y = x[0] + x[5] * 2

# %% through functions
def f(a, b):
    return g(a)[b] + 1
def g(n):
    return {"a": h(n)}
def h(m): return 1 / m
print(f(0, "a"))

# %% in a call over several lines
def f(*a): raise ValueError("x")
print(
    f(1,
      2)
)

# %% in a method chain over several lines
class C:
    def ok(self): return self
    def bad(self): raise KeyError("bad")
c = C()
(c.ok()
  .ok()
  .bad()
  .ok())

# %% in a comprehension and a lambda
xs = [1, 2, 0]
f = lambda v: [1 / q for q in v]
print(f(xs))

# %% in an f-string
x = None
print(f"{1} {x.foo} {2}")

# %% an unknown name
print(foo + 1)

# %% an unknown attribute
import math
math.sqroot(2)

# %% in an augmented assignment
x = {}
x["a"] += 1

# %% in an augmented name
x = 1
x += "a"

# %% in an unpacking
a, b = [1, 2, 3]

# %% in a for loop
for x in 5: pass

# %% in a with
with open("/nonexistent/file") as f: pass

# %% in a decorator
def d(f): raise TypeError("no")
@d
def f(): pass

# %% in a class body
class A:
    x = 1
    y = x.foo

# %% in a default
def f(a=1 / 0): pass

# %% in a condition
if [] > 3: pass

# %% in an assert
x = 3
assert x == 4, "x is not 4"

# %% with a cause
try:
    {}["k"]
except KeyError as e:
    raise RuntimeError("wrapped") from e

# %% with a context
try:
    {}["k"]
except KeyError:
    [][0]

# %% from nothing
try:
    {}["k"]
except KeyError:
    raise RuntimeError("alone") from None

# %% a group
raise ExceptionGroup("several", [ValueError("a"), TypeError("b")])

# %% with a note
e = ValueError("x")
e.add_note("a note")
raise e

# %% a class of its own
class MyError(Exception):
    def __str__(self): return "mine"
raise MyError()

# %% recursion
def f(n): return f(n + 1)
f(0)

# %% a printed traceback
import traceback
def f(): return [][1]
try: f()
except IndexError: traceback.print_exc()
print(traceback.format_exc())

# %% star arguments
def f(a): return a
print(f(*[1, 2]))

# %% a missing argument
def f(a, *, b): return a
f(1)

# %% syntax error
x = (1,
y = 2

# %% syntax error in the middle
def f():
    return 1 +
print(2)

# %% return outside a function
x = 1
return x

# %% wide characters before the error
größe = {"ü🙂": 1}
print("🙂🙂", größe["ü🙂"], größe["x"])

# %% exit in the middle
import sys
print("a")
sys.exit("stop")

# %% exit with a number
raise SystemExit(7)

# %% exit with a big number
raise SystemExit(257)

# %% subscript of a call
def f(): return [1]
f()[2]

# %% unary and compare
x = "a"
-x

# %% compare chain
1 < 2 < "a"

# %% call of a call
def f(): return lambda: 1 / 0
f()()

# %% await-less coroutine in a sum
async def c(): return 1
try: c() + 1
except TypeError as e: print(e)
raise ValueError

# %% unraisable in a destructor
class T:
    def __del__(self): raise ValueError("in del")
t = T()
del t
print("after")

# %% module not found
import nonexistent_module_xyz

# %% import error
from math import nothing_here
