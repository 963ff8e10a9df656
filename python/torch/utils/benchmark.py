"""torch.utils.benchmark: how long a statement takes. The times are those of the embedded engine, not PyTorch's."""
import statistics
import textwrap
import time

from .._missing import guard


class Measurement:
    """Times of several runs of a statement, in seconds for one execution."""

    def __init__(self, number_per_run, raw_times, task):
        self.number_per_run = number_per_run
        self.raw_times = raw_times
        self._task = task

    times = property(lambda self: [t / self.number_per_run for t in self.raw_times])
    mean = property(lambda self: statistics.fmean(self.times))
    median = property(lambda self: statistics.median(self.times))
    iqr = property(lambda self: 0.0 if len(self.times) < 2 else self._quartiles()[2] - self._quartiles()[0])
    title = property(lambda self: self._task)

    def _quartiles(self):
        return statistics.quantiles(self.times, n=4, method="inclusive")

    def __repr__(self):
        unit, scale = next((u, s) for u, s in (("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)) if self.median >= s or u == "ns")
        what = "Median" if len(self.times) > 1 else ""
        runs = f"{len(self.times)} measurement{'s' if len(self.times) > 1 else ''}, {self.number_per_run} runs per measurement, 1 thread"
        return f"<{__name__}.Measurement object at {hex(id(self))}>\n{self._task}\n  {what + ': ' if what else ''}{self.median / scale:.2f} {unit}\n  {runs}"


class Timer:
    """Runs `stmt`, after `setup`, with the names of `globals`."""

    def __init__(self, stmt="pass", setup="pass", timer=time.perf_counter, globals=None, label=None, sub_label=None,
                 description=None, env=None, num_threads=1, language="python"):
        self._globals = dict(globals or {})
        self._setup = textwrap.dedent(setup).strip()
        self._code = compile(textwrap.dedent(stmt).strip(), "<timeit>", "exec")
        self._timer = timer
        self._task = label or textwrap.dedent(stmt).strip()

    def _run(self, number):
        names = dict(self._globals)
        exec(self._setup, names)
        start = self._timer()
        for _ in range(number):
            exec(self._code, names)
        return self._timer() - start

    def timeit(self, number=1000000):
        """One measurement of so many executions."""
        self._run(max(number // 100, 2))
        return Measurement(number, [self._run(number)], self._task)

    def blocked_autorange(self, callback=None, min_run_time=0.2):
        """Measurements of some executions each, for at least so many seconds."""
        number = 1
        while self._run(number) < min_run_time / 10:
            number *= 10
        times, total = [], 0.0
        while total < min_run_time:
            times.append(self._run(number))
            total += times[-1]
        return Measurement(number, times, self._task)

    adaptive_autorange = blocked_autorange


__getattr__ = guard("torch.utils.benchmark")
