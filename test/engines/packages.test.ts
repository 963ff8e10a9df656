/**
 * Other packages for a run: fetched from a loopback index that the test is, checked, kept and handed to the sandbox. The
 * wheels are the test's own: small pure-Python ones, among them a stand-in for what the bridge to NumPy asks of NumPy
 * (the real wheel is not on the registries that the tests may use; its loading is Pyodide's own affair).
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSession } from "../../engines/index.ts";
import {
  fetchWheel,
  indexOf,
  isMentioned,
  keptWheel,
  type Lock,
  readLock,
  readWheels,
  type Wheel,
  wheelsOf,
} from "../../engines/packages.ts";
import { embeddedEngine, request } from "../support/engine.ts";
import { wheelOf } from "../support/wheel.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const CLI = join(DIST, "cli.mjs");
const folder = mkdtempSync(join(tmpdir(), "backstep-packages-"));
const never = new AbortController().signal;

const GREETING = wheelOf({
  "greeting/__init__.py": "from base_words import WORD\ndef greet(): return WORD + '!'\n",
});
const WORDS = wheelOf({ "base_words.py": "WORD = 'hello'\n" });
/** Arrays with a shape, a dtype and bytes: all that the bridge asks for. */
const NUMPY = wheelOf({
  "numpy/__init__.py": readFileSync(new URL("./tiny_numpy.py", import.meta.url), "utf8"),
});

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const entry = (name: string, bytes: Buffer, depends: string[] = []) => ({
  name,
  version: "1.0",
  file_name: `${name}-1.0-py3-none-any.whl`,
  sha256: sha256(bytes),
  package_type: "package",
  depends,
  imports: [name.replace("-", "_")],
});
const lock: Lock = {
  info: { abi_version: "2026_0" },
  packages: {
    greeting: entry("greeting", GREETING, ["base-words"]),
    "base-words": entry("base-words", WORDS),
    native: { ...entry("native", WORDS, ["libnative"]) },
    libnative: { ...entry("libnative", WORDS), package_type: "shared_library", file_name: "libnative.zip" },
  },
};
const [words, greeting] = wheelsOf(lock, ["Greeting"]) as [Wheel, Wheel];

let server: Server;
let index: URL;
let asked = 0;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const serve =
  (bytes: Uint8Array) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.end(bytes);
  };
beforeAll(async () => {
  server = createServer((incoming, response) => {
    asked++;
    answer(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  index = indexOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/wheels`);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

describe("the lock file", () => {
  test("of the pinned Pyodide names numpy's wheel and its hash", async () => {
    const [numpy] = wheelsOf(await readLock(DIST), ["numpy"]);
    expect(numpy).toMatchObject({ name: "numpy", file: expect.stringMatching(/^numpy-.*_wasm32\.whl$/) });
    expect(numpy?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("gives what a package needs before it, once", () => {
    expect(wheelsOf(lock, ["greeting", "base_words"]).map(({ name }) => name)).toEqual([
      "base-words",
      "greeting",
    ]);
  });

  test.each([
    ["nothing-like-it", /Pyodide has no package nothing-like-it/],
    ["__proto__", /Pyodide has no package __proto__/],
    ["native", /native needs libnative, which is a library and no wheel/],
  ])("refuses %s in words", (name, message) => {
    expect(() => wheelsOf(lock, [name])).toThrow(message);
  });

  test("only code that names a package waits for it", () => {
    expect(isMentioned([greeting, words], "import greeting as g")).toBe(true);
    expect(isMentioned([greeting, words], "t = base_words_of(x)")).toBe(false);
  });
});

describe("an index", () => {
  test.each(["https://example.org/wheels", "http://127.0.0.1:8000", "http://localhost/", "http://[::1]:1/"])(
    "may be %s",
    (address) => {
      expect(indexOf(address).href).toMatch(/\/$/);
    },
  );
  test.each([
    "http://example.org/",
    "file:///etc/",
    "ftp://127.0.0.1/",
    "numpy",
    "http://127.0.0.1.example.org/",
  ])("may not be %s", (address) => {
    expect(() => indexOf(address)).toThrow(/must be an https address, or one of this machine/);
  });
});

describe("a wheel", () => {
  const into = (name: string): string => join(folder, name);
  const filesOf = (name: string): string[] => {
    mkdirSync(into(name), { recursive: true });
    return readdirSync(into(name));
  };

  test("is fetched by its name, kept, and then not asked for again", async () => {
    answer = (incoming, response) => {
      expect(incoming.url).toBe("/wheels/base-words-1.0-py3-none-any.whl");
      response.end(WORDS);
    };
    const bytes = await fetchWheel(words, { index, folder: into("kept"), signal: never });
    expect(Buffer.from(bytes).equals(WORDS)).toBe(true);
    const before = asked;
    expect(await keptWheel(into("kept"), words)).toEqual(WORDS);
    expect(asked).toBe(before);
  });

  test("that was changed since is as good as none", async () => {
    mkdirSync(into("changed"), { recursive: true });
    writeFileSync(join(into("changed"), words.file), "changed");
    expect(await keptWheel(into("changed"), words)).toBeNull();
  });

  test("with another hash is thrown away", async () => {
    answer = serve(GREETING);
    await expect(fetchWheel(words, { index, folder: into("hash"), signal: never })).rejects.toThrow(
      new RegExp(
        `base-words could not be fetched from 127\\.0\\.0\\.1:\\d+: its hash is ${sha256(GREETING)}`,
      ),
    );
    expect(filesOf("hash")).toEqual([]);
  });

  test("that is not there is told with the server's answer", async () => {
    answer = (_, response) => {
      response.statusCode = 404;
      response.end("no");
    };
    await expect(fetchWheel(words, { index, folder: into("404"), signal: never })).rejects.toThrow(
      /it answered 404/,
    );
  });

  test("from an index that sends elsewhere is not followed", async () => {
    answer = (_, response) => {
      response.writeHead(302, { location: "/elsewhere.whl" });
      response.end();
    };
    const before = asked;
    await expect(fetchWheel(words, { index, folder: into("302"), signal: never })).rejects.toThrow(
      /could not be fetched/,
    );
    expect(asked).toBe(before + 1);
  });

  test.each([
    ["says so", true],
    ["does not say so", false],
  ])("that is too large and %s is not read to its end", async (_, told) => {
    answer = (_, response) => {
      if (told) response.setHeader("content-length", 1 << 20);
      response.write(Buffer.alloc(1 << 16));
      if (!told) response.end(Buffer.alloc(1 << 16));
    };
    const options = { index, folder: into("large"), signal: never, limit: 1 << 16 };
    await expect(fetchWheel(words, options)).rejects.toThrow(/it is larger than 0 MB/);
    expect(filesOf("large")).toEqual([]);
  });

  test("whose fetch is cancelled leaves nothing behind", async () => {
    const abort = new AbortController();
    answer = (_, response) => {
      response.write(WORDS.subarray(0, 10));
      setImmediate(() => abort.abort());
    };
    await expect(fetchWheel(words, { index, folder: into("cancel"), signal: abort.signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    expect(filesOf("cancel")).toEqual([]);
  });

  test("from an index that nobody serves is told in words", async () => {
    const nobody = indexOf("http://127.0.0.1:9/");
    await expect(fetchWheel(words, { index: nobody, folder, signal: never })).rejects.toThrow(
      /base-words could not be fetched from 127\.0\.0\.1:9: /,
    );
  });
});

async function run(program: string, packages: ReadonlyMap<string, Uint8Array>) {
  let stdout = "";
  let stderr = "";
  const result = await embeddedEngine().run(
    { ...request(program), packages },
    {
      output: ({ stream, text }) => {
        if (stream === "stdout") stdout += text;
        else stderr += text;
      },
    },
    never,
  );
  return { result, stdout, stderr };
}

describe("a run", () => {
  const both = new Map([
    [words.file, WORDS],
    [greeting.file, GREETING],
  ]);

  test("imports its packages, and what it does to them is gone with it", async () => {
    const program =
      "import greeting\nprint(greeting.greet())\nopen(greeting.__file__, 'w').write('broken')\nimport torch\nprint(torch.ones(1))";
    const first = await run(program, both);
    expect(first).toMatchObject({ stdout: "hello!\ntensor([1.])\n", stderr: "" });
    expect(await run(program, both)).toMatchObject({ stdout: first.stdout });
    expect((await run("import greeting", new Map())).stderr).toContain("No module named 'greeting'");
  });

  test("with a wheel that is none ends in words", async () => {
    const { result } = await run("print(1)", new Map([["broken-1-py3-none-any.whl", Buffer.from("no zip")]]));
    expect(result).toMatchObject({
      kind: "failed",
      message: expect.stringContaining(
        "broken-1-py3-none-any.whl: zipfile.BadZipFile: File is not a zip file",
      ),
    });
  });

  test("of a session has them from the cell that first brings them", async () => {
    const session = startSession({ assets: DIST, log: () => {} }, 1 << 30);
    const shown: string[] = [];
    const events = { output: () => {}, result: (text: string) => shown.push(text) };
    for (const cell of ["import greeting; greeting.greet()", "greeting.greet()"]) {
      const asked = { ...request(cell, { mode: "note" }), packages: both };
      expect(await session.run(asked, events, never)).toMatchObject({ kind: "done", exitCode: 0 });
    }
    expect(shown).toEqual(["'hello!'", "'hello!'"]);
    session.dispose();
  });
});

describe("arrays", () => {
  const wheels = new Map([["numpy-0-py3-none-any.whl", NUMPY]]);
  test.each([
    ["print(torch.tensor([[1., 2.], [3., 4.]]).t().numpy().tolist())", "[[1.0, 3.0], [2.0, 4.0]]\n"],
    ["print(torch.arange(3).numpy().dtype.name, torch.tensor([True]).numpy().tolist())", "int64 [True]\n"],
    ["print(torch.from_numpy(np.array([[1, 2], [3, 4]], 'int64')))", "tensor([[1, 2],\n        [3, 4]])\n"],
    ["print(torch.tensor(np.array([1., 2.], 'float64')))", "tensor([1., 2.], dtype=torch.float64)\n"],
    [
      "print(torch.tensor(np.array([1., 2.], 'float32'), requires_grad=True))",
      "tensor([1., 2.], requires_grad=True)\n",
    ],
    ["print(torch.tensor(np.array([1.5, 2.], 'float64'), dtype=torch.int64))", "tensor([1, 2])\n"],
    ["print(torch.as_tensor(np.array([1, 2], 'uint8')).dtype)", "torch.uint8\n"],
    ["print(np.asarray(torch.tensor([1., 2.])).tolist())", "[1.0, 2.0]\n"],
    [
      "print(torch.tensor([np.array([1., 2.], 'float32'), np.array([3., 4.], 'float32')]))",
      "tensor([[1., 2.],\n        [3., 4.]])\n",
    ],
  ])("%s", async (line, printed) => {
    expect(await run(`import torch\nimport numpy as np\n${line}`, wheels)).toMatchObject({
      stdout: printed,
      stderr: "",
    });
  });

  test.each([
    [
      "torch.ones(1, requires_grad=True).numpy()",
      "RuntimeError: Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    ],
    ["torch.ones(1).bfloat16().numpy()", "TypeError: Got unsupported ScalarType BFloat16"],
    ["torch.from_numpy([1])", "TypeError: expected np.ndarray (got list)"],
    [
      "torch.from_numpy(np.array([1], 'uint16'))",
      "TypeError: can't convert np.ndarray of type numpy.uint16.",
    ],
  ])("%s is refused in PyTorch's words", async (line, words) => {
    expect((await run(`import torch\nimport numpy as np\n${line}`, wheels)).stderr).toContain(words);
  });
});

describe("the command line", () => {
  const cli = (...args: string[]) => {
    try {
      return {
        status: 0,
        stdout: execFileSync(process.execPath, [CLI, ...args], { encoding: "utf8", stdio: "pipe" }),
      };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string };
      return { status, stderr };
    }
  };

  test("takes a folder of wheels", async () => {
    const wheels = join(folder, "cli");
    mkdirSync(wheels);
    writeFileSync(join(wheels, words.file), WORDS);
    writeFileSync(join(wheels, greeting.file), GREETING);
    writeFileSync(join(folder, "greets.py"), "import greeting\nprint(greeting.greet())\n");
    const program = join(folder, "greets.py");
    expect(cli("run", "--packages", wheels, program)).toEqual({ status: 0, stdout: "hello!\n" });
    expect(cli("run", "--packages", join(folder, "nowhere"), program)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/nowhere cannot be read/),
    });
  });

  test("refuses wheels of another machine, and one that is not what the lock file says", async () => {
    const real = await readLock(DIST);
    const [numpy] = wheelsOf(real, ["numpy"]) as [Wheel];
    const [other, wrong, empty] = ["other", "wrong", "empty"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const each of [other, wrong, empty]) mkdirSync(each);
    writeFileSync(join(other, "numpy-2.0-cp314-cp314-manylinux_2_17_x86_64.whl"), NUMPY);
    writeFileSync(join(wrong, numpy.file), NUMPY);
    await expect(readWheels(other, real)).rejects.toThrow(/is a wheel for another machine/);
    await expect(readWheels(wrong, real)).rejects.toThrow(/its hash is another/);
    await expect(readWheels(empty, real)).rejects.toThrow(/there are no wheels/);
  });
});
