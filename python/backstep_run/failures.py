"""Exceptions of a run: tracebacks of user frames only, the failing expressions' ranges, exit codes."""
import builtins
import traceback
import types

from .sources import utf16_of_characters

# Python 3.11 and later.
_GROUP = getattr(builtins, "BaseExceptionGroup", ())


def clean(error, hidden, seen=None):
    """Take the frames of code files that `hidden` names out of an exception, its causes and its group's members."""
    seen = set() if seen is None else seen
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    error.__traceback__ = _without(error.__traceback__, hidden)
    clean(error.__cause__, hidden, seen)
    clean(error.__context__, hidden, seen)
    for member in getattr(error, "exceptions", ()) if isinstance(error, _GROUP) else ():
        clean(member, hidden, seen)


def _without(tb, hidden):
    kept = []
    while tb is not None:
        if not hidden(tb.tb_frame.f_code.co_filename):
            kept.append(tb)
        tb = tb.tb_next
    rest = None
    for tb in reversed(kept):
        rest = types.TracebackType(rest, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    return rest


def hide_frames(hidden):
    """Make the module `traceback` skip hidden frames, for programs that print tracebacks themselves."""
    for name in ("walk_tb", "_walk_tb_with_full_positions"):
        original = getattr(traceback, name, None)
        if original is not None:
            setattr(traceback, name, _skipping(getattr(original, "plain", original), hidden))


def _skipping(original, hidden):
    def walk(tb):
        for item in original(tb):
            if not hidden(item[0].f_code.co_filename):
                yield item

    walk.plain = original
    return walk


def text_of(error):
    """As Python prints an uncaught exception."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def describe(error, sources):
    """The trace's record of an uncaught exception, already cleaned."""
    ranges = []
    tb = error.__traceback__
    while tb is not None:
        place = sources.place(tb.tb_frame.f_code, tb.tb_lasti, tb.tb_lineno)
        if place is not None:
            ranges.append(place)
        tb = tb.tb_next
    if isinstance(error, SyntaxError):
        place = _syntax_place(error, sources)
        if place is not None:
            ranges.append(place)
    return {
        "type": type(error).__name__,
        "message": _message(error),
        "traceback": text_of(error),
        "ranges": ranges,
    }


def _message(error):
    try:
        return str(error.msg) if isinstance(error, SyntaxError) else str(error)
    except Exception:
        return "<exception str() failed>"


def _syntax_place(error, sources):
    source = sources.of(error.filename)
    if source is None or error.lineno is None:
        return None
    line = source.line(error.lineno)
    start = (error.offset or 1) - 1
    end_line = getattr(error, "end_lineno", None) or error.lineno
    end_offset = getattr(error, "end_offset", None)
    end_text = source.line(end_line)
    end = end_offset - 1 if end_offset is not None and end_offset > 0 else len(end_text)
    if end_line == error.lineno and end <= start:
        end = start + 1
    return {
        "source": source.index,
        "start": {"line": error.lineno - 1, "character": utf16_of_characters(line, start)},
        "end": {"line": end_line - 1, "character": utf16_of_characters(end_text, end)},
    }


def complete_syntax_error(error, sources):
    """Give a SyntaxError of the compiler its line, which Python reads from the file where there is one."""
    source = sources.of(error.filename)
    if source is not None and error.text is None and error.lineno:
        error.text = source.line(error.lineno) + "\n"
