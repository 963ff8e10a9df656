"""sys.stdout and sys.stderr of a run: what is written goes to the host at each line's end, and into the trace."""
import codecs
import io
import json


# Figures that the trace of a long session holds: the last.
_KEPT = 100


class Output:
    """Everything that was printed, in order; `emit(stream number, text, source)` passes it on at once."""

    def __init__(self, emit):
        self.emit = emit
        self.source = 0
        self.chunks = []
        self.figures = []

    def take(self, number, text):
        self.emit(number, text, self.source)
        self._keep(("stdout", "stderr")[number - 1], text)

    def result(self, text):
        """A cell's last value: told apart from what it prints, kept as if it were printed."""
        self.emit(3, text, self.source)
        self._keep("stdout", text + "\n")

    def figure(self, text):
        """A figure (JSON, as trace/figure.ts has it)."""
        self.emit(4, text, self.source)
        self.figures = [*self.figures, json.loads(text)][-_KEPT:]

    def _keep(self, stream, text):
        if self.chunks:
            last = self.chunks[-1]
            if last["stream"] == stream and last["source"] == self.source:
                last["parts"].append(text)
                return
        self.chunks.append({"stream": stream, "source": self.source, "parts": [text]})

    def records(self):
        """As the trace holds it."""
        return [
            {"stream": chunk["stream"], "text": "".join(chunk["parts"]), "source": chunk["source"]}
            for chunk in self.chunks
        ]


class _Raw(io.RawIOBase):
    def __init__(self, output, number):
        self.output = output
        self.number = number
        self.name = ("<stdout>", "<stderr>")[number - 1]
        self.mode = "wb"
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def writable(self):
        return True

    def fileno(self):
        return self.number

    def isatty(self):
        return False

    def write(self, data):
        data = bytes(data)
        text = self._decode(data)
        if text:
            self.output.take(self.number, text)
        return len(data)


def stream(output, number):
    """A text stream like Python's own: 1 is stdout, 2 is stderr."""
    errors = "strict" if number == 1 else "backslashreplace"
    buffer = io.BufferedWriter(_Raw(output, number))
    return io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, newline="\n", line_buffering=True)
