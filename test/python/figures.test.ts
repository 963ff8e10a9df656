/** matplotlib.pyplot's stand-in: what a program plots arrives as data, with matplotlib's own defaults and refusals. */
import { describe, expect, test } from "vitest";
import type { Figure, FigureMark } from "../../trace/figure.ts";
import { embeddedEngine, request, runSnippet } from "../support/engine.ts";

const START = "import torch\nimport matplotlib.pyplot as plt\n";

async function figuresOf(program: string, mode: "script" | "note" = "script"): Promise<readonly Figure[]> {
  const ran = await runSnippet(START + program, { mode });
  expect(ran.stderr).toBe("");
  return ran.trace.figures ?? [];
}
async function marksOf(program: string): Promise<readonly FigureMark[]> {
  const [figure] = await figuresOf(`${program}\nplt.show()`);
  return figure?.axes[0]?.marks ?? [];
}

describe("a plot", () => {
  test("takes tensors, lists, ranges and columns, and goes through the palette", async () => {
    const marks = await marksOf(
      "plt.plot([1, 2, 4])\nplt.plot(range(3), torch.tensor([1., 2., 3.]), 'r--o', label='t')\nplt.plot(torch.arange(4).view(2, 2))",
    );
    expect(marks).toMatchObject([
      { kind: "line", x: [0, 1, 2], y: [1, 2, 4], color: "C0", dash: "solid", marker: "", width: 1.5 },
      { kind: "line", x: [0, 1, 2], y: [1, 2, 3], color: "#ff0000", dash: "dashed", marker: "o", label: "t" },
      { kind: "line", x: [0, 1], y: [0, 2], color: "C1" },
      { kind: "line", x: [0, 1], y: [1, 3], color: "C2" },
    ]);
  });

  test("has holes where there is NaN or an infinity", async () => {
    const [line] = await marksOf("plt.plot([1., float('nan'), float('inf'), 2.])");
    expect(line).toMatchObject({ y: [1, null, null, 2] });
  });

  test("of very many points is thinned, keeps its ends and says so", async () => {
    const [figure] = await figuresOf("plt.plot(range(100_000))\nplt.show()");
    const line = figure?.axes[0]?.marks[0];
    expect(figure?.thinned).toBe(true);
    expect(line?.kind === "line" && line.x.length).toBeLessThanOrEqual(4001);
    expect(line?.kind === "line" && [line.y[0], line.y.at(-1)]).toEqual([0, 99999]);
  });

  test.each([
    [
      "plt.plot(torch.ones(2, requires_grad=True))",
      "RuntimeError: Can't call numpy() on Tensor that requires grad.",
    ],
    [
      "plt.plot([1, 2, 3], [1, 2])",
      "ValueError: x and y must have same first dimension, but have shapes (3,) and (2,)",
    ],
    ["plt.scatter([1, 2], [1])", "ValueError: x and y must be the same size"],
    ["plt.imshow([1, 2])", "TypeError: Invalid shape (2,) for image data"],
    ["plt.contour([1, 2])", "TypeError: Input z must be 2D, not 1D"],
    ["plt.subplot(2, 2, 5)", "ValueError: num must be an integer with 1 <= num <= 4, not 5"],
  ])("%s is refused in matplotlib's words", async (call, words) => {
    const ran = await runSnippet(START + call);
    expect(ran.stderr).toContain(words);
    // The stand-in's own frames are nobody's affair.
    expect(ran.stderr.match(/File "/g)).toHaveLength(1);
  });
});

describe("bars, histograms, images and contours", () => {
  test("bars stand at the places of their names", async () => {
    const [figure] = await figuresOf("plt.bar(['a', 'b'], [3, 1])\nplt.show()");
    expect(figure?.axes[0]?.x.ticks).toEqual([
      { at: 0, text: "a" },
      { at: 1, text: "b" },
    ]);
    expect(figure?.axes[0]?.marks).toMatchObject([
      { kind: "bars", from: [-0.4, 0.6], to: [0.4, 1.4], base: [0, 0], top: [3, 1], horizontal: false },
    ]);
  });

  test("a histogram counts as NumPy does: half-open bins, the last one closed", async () => {
    const ran = await runSnippet(
      `${START}n, edges, _ = plt.hist([0, 1, 1, 2, 3, 4], bins=4)\nprint(list(n), list(edges))\nplt.show()`,
    );
    expect(ran.stdout).toBe("[1.0, 2.0, 1.0, 2.0] [0.0, 1.0, 2.0, 3.0, 4.0]\n");
    expect(ran.trace.figures?.[0]?.axes[0]?.marks).toMatchObject([{ from: [0, 1, 2, 3], top: [1, 2, 1, 2] }]);
  });

  test("an image has its first row on top, a colour image its colours in one number each", async () => {
    const [gray, colored] = await marksOf(
      "plt.imshow([[0, 1], [2, 3]], cmap='gray')\nplt.imshow([[[1., 0., 0.], [0, 128, 255]]])",
    );
    expect(gray).toMatchObject({
      kind: "image",
      colors: "gray",
      range: { from: 0, to: 3 },
      data: [0, 1, 2, 3],
      x: { from: -0.5, to: 1.5 },
      y: { from: -0.5, to: 1.5 },
    });
    expect(colored).toMatchObject({ rgb: true, data: [0xff0000, 0x0080ff] });
  });

  test("contours keep where their columns and rows lie", async () => {
    const [contour] = await marksOf(
      "x = torch.linspace(-1, 1, 5); y = torch.linspace(0, 1, 3)\nX, Y = torch.meshgrid(x, y, indexing='xy')\nplt.contourf(X, Y, X * Y, levels=[-1, 0, 1])",
    );
    expect(contour).toMatchObject({
      x: [-1, -0.5, 0, 0.5, 1],
      y: [0, 0.5, 1],
      levels: [-1, 0, 1],
      filled: true,
    });
  });
});

describe("figures", () => {
  test("lie in the grid in which they were asked for, with all that stands around them", async () => {
    const [figure] = await figuresOf(
      "fig, ax = plt.subplots(1, 2, figsize=(8, 3))\nax[0].plot([1])\nax[1].set(title='T', xlabel='x', ylabel='y', xlim=(0, 2), yscale='log')\nax[1].grid(True)\nax[1].legend()\nfig.suptitle('S')\nplt.show()",
    );
    expect(figure).toMatchObject({ title: "S", width: 800, height: 300, rows: 1, columns: 2 });
    expect(figure?.axes[1]).toMatchObject({
      column: 1,
      title: "T",
      x: { label: "x", limits: { from: 0, to: 2 } },
      y: { label: "y", scale: "log", limits: null },
      grid: true,
      legend: true,
    });
  });

  test("of a script come when they are shown or saved, and only once", async () => {
    expect(await figuresOf("plt.plot([1])")).toEqual([]);
    const figures = await figuresOf("plt.plot([1])\nplt.savefig('a.png')\nplt.show()\nplt.show()");
    expect(figures).toHaveLength(1);
    expect(figures[0]?.passedOver.join()).toContain("savefig");
  });

  test("of a note come at the end of their block, and %matplotlib inline is no news", async () => {
    const ran = await runSnippet(
      ["%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1]);", "1"],
      {
        mode: "note",
      },
    );
    expect(ran.trace.figures).toHaveLength(1);
    expect(ran.trace.notes).toEqual([]);
  });

  test("tell which calls were passed over, and nothing stops for them", async () => {
    const [figure] = await figuresOf(
      "plt.plot([1])\nplt.quiver([0], [1]).set_color('r')\nax = plt.gca(); ax.spines['top'].set_visible(False)\nplt.plot([1], fillstyle='none')\nplt.show()",
    );
    expect(figure?.passedOver).toEqual(["quiver", "quiver.set_color", "spines.set_visible", "fillstyle="]);
  });

  test("come as they are shown, recorded or not", async () => {
    const shown: string[] = [];
    const result = await embeddedEngine().run(
      request(`${START}plt.plot([1])\nplt.title('one')\nplt.show()\nprint('after')`, { record: false }),
      { output: ({ text }) => shown.push(text), figure: ({ axes }) => shown.push(axes[0]?.title ?? "") },
      new AbortController().signal,
    );
    expect(result).toMatchObject({ kind: "done", trace: null });
    expect(shown).toEqual(["one", "after\n"]);
  });

  test("beyond forty are not drawn, and a note says so", async () => {
    const ran = await runSnippet(`${START}for i in range(45):\n    plt.plot([i])\n    plt.show()`);
    expect(ran.trace.figures).toHaveLength(40);
    expect(ran.trace.notes).toEqual(["matplotlib: figures after the first 40 are not drawn"]);
  });

  test("that user code hands out itself end the run, if they are none", async () => {
    const { result } = await runSnippet("import _host\n_host.emit(4, '{}', 0)");
    expect(result).toMatchObject({ kind: "failed", reason: "sandbox" });
  });
});

describe("without NumPy", () => {
  test("the import goes through, and what is true without it is there", async () => {
    const ran = await runSnippet(
      "import numpy as np\nnp.random.seed(0)\nprint(np.pi, np.inf, isinstance(1, np.ndarray))",
    );
    expect(ran).toMatchObject({ stdout: "3.141592653589793 inf False\n", stderr: "" });
  });

  test.each([
    "import numpy as np; np.zeros(2)",
    "from numpy import array",
    "import numpy as np; np.random.rand(2)",
    "import torch; torch.ones(2).numpy()",
  ])("%s says how to get it", async (program) => {
    const ran = await runSnippet(program);
    expect(ran.trace.error).toMatchObject({
      type: "ModuleNotFoundError",
      message: expect.stringMatching(/^No module named 'numpy': .*backstep\.packages.*--packages DIR/),
    });
  });

  test("PyTorch's own refusal of .numpy() comes first, and from_numpy wants an array", async () => {
    const ran = await runSnippet(
      "import torch\nfor call in (lambda: torch.ones(2, requires_grad=True).numpy(), lambda: torch.from_numpy([1])):\n    try: call()\n    except Exception as e: print(type(e).__name__, e)",
    );
    expect(ran.stdout).toBe(
      "RuntimeError Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.\nTypeError expected np.ndarray (got list)\n",
    );
  });
});
