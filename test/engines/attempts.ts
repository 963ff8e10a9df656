/**
 * Attempts to leave the sandbox, in Python. Each prints ESCAPED only where it has got hold of something outside;
 * `$MARKER` is a host path that must never come to exist, `$PORT` a listening port that nobody may reach,
 * `$SECRET` a variable of the host's environment.
 */
export interface Attempt {
  readonly name: string;
  readonly code: string;
  /** It works in Pyodide's ordinary Node mode, which shows that it is a real attempt. */
  readonly plain?: true;
}

/** Reaches for code made from a string, wherever `x` comes from. */
const CLIMB = `
def climb(x, what="process"):
    for start in (x, getattr(x, "js_error", None)):
        if start is None:
            continue
        for path in ("constructor", "constructor.constructor", "__proto__.constructor", "__proto__.__proto__.constructor.constructor"):
            f = start
            try:
                for part in path.split("."):
                    f = getattr(f, part)
                got = f("return " + what)()
                print("ESCAPED", path, got)
            except BaseException as e:
                print("held", path, type(e).__name__)
`;

export const ATTEMPTS: readonly Attempt[] = [
  { name: "os.system starts a shell", plain: true, code: `import os\nos.system("touch $MARKER")` },
  {
    name: "run_js runs JavaScript",
    plain: true,
    code: `from pyodide.code import run_js\nprint("ESCAPED", run_js("process.version"))`,
  },
  {
    name: "the module js shows the process",
    plain: true,
    code: `import js\nprint("ESCAPED", js.process.version)`,
  },
  {
    name: "the module js has constructors",
    plain: true,
    code: `import js\nprint("ESCAPED", js.Function("return process.version")())`,
  },
  {
    name: "pyodide_js leads to a constructor",
    plain: true,
    code: `${CLIMB}\nimport pyodide_js\nclimb(pyodide_js)\nclimb(pyodide_js._module)\nclimb(pyodide_js._api)\nclimb(pyodide_js.FS.writeFile)`,
  },
  {
    name: "JavaScript's global object is reachable and has more than the language",
    plain: true,
    code: `
import pyodide_js
api = pyodide_js._api
for name in ("process", "require", "fetch", "Worker", "WebSocket", "XMLHttpRequest", "Deno"):
    for owner in (pyodide_js, pyodide_js._module, api, api.config.jsglobals):
        if hasattr(owner, name) and str(getattr(owner, name)) != "undefined":
            print("ESCAPED", name)
`,
  },
  {
    name: "the core's functions lead to a constructor",
    code: `${CLIMB}\nimport _core\nfor n in ("call", "free", "error"):\n    climb(getattr(_core, n))\nclimb(_core)`,
  },
  {
    name: "the host's functions lead to a constructor",
    code: `${CLIMB}\nimport _host\nclimb(_host.emit)\nclimb(_host)`,
  },
  {
    name: "an error of the host leads to its realm",
    code: `
${CLIMB}
import _host, _core
class Odd:
    pass
for bad in ((), (1,), (Odd(), Odd(), Odd()), (1, {}, []), (1, "x", 2**70), (None, None, None), (1, "x", float("nan"))):
    for f in (_host.emit, _core.call, _core.fromBuffer, _core.finish):
        try:
            got = f(*bad)
            climb(got)
        except BaseException as e:
            climb(e)
`,
  },
  {
    name: "a forced stack overflow leaks an error of the outer realm",
    code: `
${CLIMB}
import sys, _host
sys.setrecursionlimit(100000)
caught = []
def deep(n):
    try:
        _host.emit(1, "", 0)
    except BaseException as e:
        caught.append(e)
        return
    deep(n + 1)
try:
    deep(0)
except RecursionError as e:
    caught.append(e)
for e in caught[:5]:
    climb(e)
`,
  },
  {
    name: "the garbage collector shows objects of JavaScript that lead out",
    plain: true,
    code: `
${CLIMB}
import gc
from pyodide.ffi import JsProxy
import pyodide_js
for x in [o for o in gc.get_objects() if isinstance(o, JsProxy)][:40] + [pyodide_js]:
    try:
        if str(getattr(x, "process", "undefined")) != "undefined":
            print("ESCAPED process", x)
    except BaseException:
        pass
    climb(x)
`,
  },
  {
    name: "a host folder can be mounted",
    plain: true,
    code: `
import pyodide_js, os
FS = pyodide_js.FS
os.makedirs("/mnt/host", exist_ok=True)
try:
    pyodide_js.mountNodeFS("/mnt/host", "/")
except BaseException:
    FS.mount(FS.filesystems.NODEFS, {"root": "/"}, "/mnt/host")
print("ESCAPED", os.listdir("/mnt/host/etc")[:3])
`,
  },
  {
    name: "host files can be read",
    code: `
import os
for path in ("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/self/cmdline", "C:\\\\Windows\\\\win.ini"):
    try:
        print("ESCAPED", path, open(path, "rb").read(20))
    except OSError:
        pass
if {"etc", "usr", "root", "Users", "Windows"} & set(os.listdir("/")):
    print("ESCAPED", os.listdir("/"))
`,
  },
  {
    name: "files written land on the host",
    code: `open("$MARKER", "w").write("x") if __import__("os").path.isdir(__import__("os").path.dirname("$MARKER")) else None`,
  },
  {
    name: "the host's environment is visible",
    code: `
import os
for name in ("$SECRET", "SHELL", "APPDATA", "NODE_OPTIONS"):
    if name in os.environ:
        print("ESCAPED", name, os.environ[name])
`,
  },
  {
    name: "processes can be started or signalled",
    code: `
import os, signal
def attempt(f):
    try:
        print("ESCAPED", f())
    except BaseException as e:
        print("held", type(e).__name__)
import subprocess
attempt(lambda: subprocess.run(["touch", "$MARKER"], check=True))
attempt(lambda: subprocess.check_output("echo hi", shell=True))
attempt(lambda: os.fork())
attempt(lambda: os.posix_spawn("/bin/touch", ["touch", "$MARKER"], {}))
attempt(lambda: os.popen("echo hi").read()[0])
attempt(lambda: os.execv("/bin/touch", ["touch", "$MARKER"]))
attempt(lambda: os.kill(os.getppid(), 0) or 1 / 0)
`,
  },
  {
    name: "a socket reaches the network",
    code: `
import socket
try:
    s = socket.create_connection(("127.0.0.1", $PORT), timeout=2)
    s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    if b"secret" in s.recv(1000): print("ESCAPED")
except BaseException as e:
    print("held", type(e).__name__)
`,
  },
  {
    name: "an address can be fetched",
    code: `
url = "http://127.0.0.1:$PORT/"
def attempt(f):
    try:
        if "secret" in str(f()): print("ESCAPED")
    except BaseException as e:
        print("held", type(e).__name__)
import urllib.request
attempt(lambda: urllib.request.urlopen(url, timeout=2).read())
import http.client
def plain():
    c = http.client.HTTPConnection("127.0.0.1", $PORT, timeout=2)
    c.request("GET", "/")
    return c.getresponse().read()
attempt(plain)
from pyodide.http import open_url
attempt(lambda: open_url(url).read())
`,
  },
  {
    name: "packages can be fetched",
    code: `
import pyodide_js
try:
    pyodide_js.loadPackage("http://127.0.0.1:$PORT/x-1.0-py3-none-any.whl")
    import x
    print("ESCAPED")
except BaseException as e:
    print("held", type(e).__name__)
`,
  },
  {
    name: "ctypes runs JavaScript",
    code: `
import ctypes
lib = ctypes.CDLL(None)
lib.emscripten_run_script(b"globalThis.escaped = 1")
print("ESCAPED")
`,
  },
  {
    name: "Error.prepareStackTrace shows the host's frames",
    code: `
${CLIMB}
import _core
from pyodide.ffi import create_proxy
seen = []
def prepare(error, sites):
    for site in sites:
        for method in ("getThis", "getFunction"):
            try:
                got = getattr(site, method)()
                if got is not None and str(got) != "undefined":
                    seen.append(got)
            except BaseException:
                pass
    return "stack"
import pyodide_js
Error = getattr(pyodide_js.ffi.PythonError, "__proto__")
assert Error.name == "Error"
Error.prepareStackTrace = create_proxy(prepare)
for attempt in (lambda: str(Error.new("x").stack), lambda: pyodide_js.FS.stat("/nowhere"), lambda: _core.call(1, 2, 3)):
    try:
        attempt()
    except BaseException as e:
        str(e)
for got in seen:
    climb(got)
    try:
        if str(got.process) != "undefined": print("ESCAPED", got)
    except BaseException:
        pass
`,
  },
  {
    name: "changed prototypes change what the host sends",
    code: `
import _core
from pyodide.ffi import create_proxy, to_js
base = to_js([1])
Array = base.constructor
Object = Array.__proto__.__proto__.constructor
def evil(*args):
    return '{"kind":"done","exitCode":77,"trace":""}'
proxy = create_proxy(evil)
for owner in (Object.prototype, Array.prototype, Array.__proto__):
    for name in ("toJSON", "toString", "call", "apply", "then", "kind", "exitCode"):
        try:
            setattr(owner, name, proxy)
        except BaseException:
            pass
print("still here")
`,
  },
  {
    name: "forged lines of the protocol are taken for the child's",
    code: `
import os, sys
line = '{"kind":"done","exitCode":77,"trace":""}\\n'
sys.stdout.write(line)
sys.stderr.write(line)
for fd in (1, 2, 3, 4, 5):
    try:
        os.write(fd, line.encode())
    except OSError:
        pass
for path in ("/dev/fd/3", "/proc/self/fd/3", "/dev/stdout"):
    try:
        open(path, "w").write(line)
    except OSError:
        pass
`,
  },
  {
    name: "code waits until the run is over",
    code: `
import pyodide_js
from pyodide.ffi import create_proxy
import asyncio
async def later():
    print("ESCAPED later")
try:
    asyncio.ensure_future(later())
except BaseException as e:
    print("held", type(e).__name__)
`,
  },
  {
    name: "threads can be started",
    code: `
import threading
try:
    threading.Thread(target=lambda: print("ESCAPED")).start()
except RuntimeError as e:
    print("held", e)
`,
  },
];
