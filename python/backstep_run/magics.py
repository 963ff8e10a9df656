"""Lines of a notebook that are not Python: `%matplotlib inline`, `!pip install …`, `%%time`; left out, with a note."""
import ast
import re

_LINE = re.compile(r"\s*(%|!|\?)|.*\?\s*$")
# Cell magics whose cell is Python all the same.
_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")


def without_magics(name, text):
    """(code, notes): the text with magics replaced so that every other line keeps its number."""
    if "%" not in text and "!" not in text and "?" not in text:
        return text, []
    lines = text.split("\n")
    notes = []
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].lstrip().startswith("%%"):
        magic = lines[first].strip()
        if magic.split()[0] not in _PYTHON_CELLS:
            return "\n" * (len(lines) - 1), [f"{name}: the block was skipped, because it is not Python: {magic}"]
        notes.append(f"{name}:{first + 1}: skipped {magic}")
        lines[first] = ""
    # Python says which line it cannot read; if that is a magic it goes, and Python is asked again.
    while True:
        code = "\n".join(lines)
        try:
            ast.parse(code)
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not 0 <= at < len(lines) or not _LINE.match(lines[at]):
                return code, notes
            notes.append(f"{name}:{at + 1}: skipped {lines[at].strip()}")
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            lines[at] = indent + "pass" if indent else ""
        except (ValueError, RecursionError, MemoryError):
            return code, notes
        else:
            return code, notes
