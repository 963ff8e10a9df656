"""The pieces of code of a run: text, syntax tree, and places in it as VS Code counts them."""
import ast
import linecache

TEXT_LIMIT = 200


def utf16(line, column):
    """The UTF-16 column of a UTF-8 byte offset in a line."""
    if line.isascii():
        return column
    return len(line.encode("utf-8")[:column].decode("utf-8", "ignore").encode("utf-16-le")) // 2


def utf16_of_characters(line, count):
    """The UTF-16 column after `count` characters of a line."""
    return len(line[:count].encode("utf-16-le", "surrogatepass")) // 2


class Source:
    """One piece of code. `text` is what stands in the editor, `code` what is compiled: the same lines, magics blanked."""

    def __init__(self, index, name, text, code=None):
        self.index = index
        self.name = name
        self.text = text
        self.code = text if code is None else code
        # Python ends a line at \n and \r\n only; str.splitlines would end it at others too.
        self.lines = [line.rstrip("\r") for line in text.split("\n")]
        self._calls = None

    def remember(self):
        """Let tracebacks and warnings show the lines."""
        lines = [line + "\n" for line in self.lines]
        linecache.cache[self.name] = (len(self.text), None, lines, self.name)

    def line(self, number):
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def range(self, line, column, end_line, end_column):
        """A range from one-based lines and UTF-8 columns; zero-based lines and UTF-16 columns."""
        return {
            "source": self.index,
            "start": {"line": line - 1, "character": utf16(self.line(line), column)},
            "end": {"line": end_line - 1, "character": utf16(self.line(end_line), end_column)},
        }

    def line_range(self, number):
        """The code of one line, without its indentation."""
        text = self.line(number)
        stripped = text.strip()
        start = len(text) - len(text.lstrip()) if stripped else 0
        return {
            "source": self.index,
            "start": {"line": number - 1, "character": utf16_of_characters(text, start)},
            "end": {"line": number - 1, "character": utf16_of_characters(text, start + len(stripped))},
        }

    def segment(self, line, column, end_line, end_column):
        """The text between two places (UTF-8 columns), cut where it is long."""
        lines = [part.encode("utf-8") for part in self.lines[line - 1 : end_line]]
        lines[-1] = lines[-1][:end_column]
        lines[0] = lines[0][column:]
        text = b"\n".join(lines).decode("utf-8", "replace")
        return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"

    def whole_call(self, line, column):
        """
        Where the call begins whose method's name stands at this place on a later line; None for other places.
        Python gives the name's place as the start of `(x\\n.exp())`, not that of `(x`.
        """
        if self._calls is None:
            self._calls = {}
            for node in ast.walk(ast.parse(self.code)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    name = node.func
                    if name.end_lineno != node.lineno:
                        start = (name.end_lineno, name.end_col_offset - len(name.attr.encode("utf-8")))
                        self._calls[start] = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return self._calls.get((line, column))


class Sources:
    """All pieces of a run, by the name that their code objects carry."""

    def __init__(self):
        self.all = []
        self._by_name = {}
        self._positions = {}

    def add(self, name, text, code=None):
        source = Source(len(self.all), name, text, code)
        self.all.append(source)
        self._by_name[name] = source
        source.remember()
        return source

    def of(self, filename):
        return self._by_name.get(filename)

    def place(self, code, instruction, line=None):
        """The range of the expression that an instruction of a code object belongs to; None outside the run's code."""
        source = self._by_name.get(code.co_filename)
        if source is None:
            return None
        if hasattr(code, "co_positions"):
            positions = self._positions.get(id(code))
            if positions is None:
                # The code object is kept with them, so that its id stays its own.
                positions = self._positions[id(code)] = (list(code.co_positions()), code)
            index = instruction // 2
            if index < len(positions[0]):
                first, last, start, end = positions[0][index]
                if first is not None and start is not None:
                    whole = source.whole_call(first, start)
                    if whole is not None:
                        return source.range(*whole)
                    return source.range(first, start, last, end)
                line = first if first is not None else line
        return None if line is None else source.line_range(line)
