"""Colours and the short form of a line's style, as matplotlib writes them and as a figure holds them."""
import re

from ._numbers import nested

_LETTERS = {
    "b": "#0000ff", "g": "#008000", "r": "#ff0000", "c": "#00bfbf", "m": "#bf00bf", "y": "#bfbf00", "k": "black", "w": "white",
}
_TABLEAU = ("blue", "orange", "green", "red", "purple", "brown", "pink", "gray", "olive", "cyan")
DASHES = {
    "-": "solid", "--": "dashed", ":": "dotted", "-.": "dashdot",
    "solid": "solid", "dashed": "dashed", "dotted": "dotted", "dashdot": "dashdot",
}
MARKERS = frozenset(".,ov^<>12348sp*hH+xXDd|_P")
_MAP = re.compile(r"[A-Za-z0-9_]{1,30}@[01](\.\d{1,6})?")


def color(given):
    """As trace/figure.ts writes it; None where there is none. Raises ValueError with matplotlib's words."""
    if given is None:
        return None
    if isinstance(given, str):
        text = given.strip()
        if text in _LETTERS:
            return _LETTERS[text]
        if re.fullmatch(r"C\d+", text):
            return f"C{int(text[1:]) % 10}"
        if text.startswith("tab:") and text[4:].replace("grey", "gray") in _TABLEAU:
            return f"C{_TABLEAU.index(text[4:].replace('grey', 'gray'))}"
        if re.fullmatch(r"#[0-9a-fA-F]{3}", text):
            return "#" + "".join(2 * digit for digit in text[1:]).lower()
        if re.fullmatch(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", text):
            return text[:7].lower()
        if re.fullmatch(r"[01]?\.\d+|[01]", text) and 0 <= float(text) <= 1:
            return "#" + f"{round(float(text) * 255):02x}" * 3
        if _MAP.fullmatch(text) or re.fullmatch(r"[a-zA-Z]{1,30}", text):
            return text if "@" in text else text.lower()
        if re.fullmatch(r"xkcd:.*", text):
            return "gray"
    else:
        parts = nested(given)
        if isinstance(parts, list) and len(parts) in (3, 4) and all(isinstance(p, (int, float)) for p in parts):
            return "#" + "".join(f"{round(255 * min(1.0, max(0.0, float(p)))):02x}" for p in parts[:3])
    raise ValueError(f"{given!r} is not a valid value for color")


def is_color(given):
    """Whether it is one colour."""
    try:
        return color(given) is not None
    except ValueError:
        return False


def style_of(text):
    """(colour, dash, marker) of a format such as `r--o`; each None where it is not said."""
    found_color = found_dash = found_marker = None
    rest = text
    while rest:
        size = 2 if rest[:2] in ("--", "-.") or re.match(r"C\d", rest) else 1
        part, rest = rest[:size], rest[size:]
        if part in ("--", "-.", "-", ":"):
            found_dash = DASHES[part]
        elif part in _LETTERS or size == 2:
            found_color = color(part)
        elif part in MARKERS:
            found_marker = part
        elif is_color(text):
            return color(text), None, None
        else:
            raise ValueError(f"{text!r} is not a valid format string (unrecognized character {part!r})")
    return found_color, found_dash, found_marker
