"""Local rules by node name, as the embedded engine has them, so that one panel explains both engines alike."""
import json
import os
import re

_HERE = os.path.dirname(os.path.abspath(__file__))
_PLACES = [os.path.join(_HERE, "..", "formulas.json"), os.path.join(_HERE, "..", "..", "..", "dist", "recorder", "formulas.json")]
with open(next(place for place in _PLACES if os.path.exists(place)), encoding="utf-8") as _file:
    _TABLE = json.load(_file)

LIMITS = _TABLE["limits"]
_ROWS = _TABLE["rows"]


class Rule:
    """What is known of one node: op, pattern, and for each of its edges the input's name and rule."""

    def __init__(self, name, count, saved):
        rows = _ROWS.get(name, [])
        fitting = [row for row in rows if _names(row, count) is not None]
        # Overloads share a node's name: the one whose rules read what was kept.
        row = max(fitting, key=lambda r: len(set(r["terms"]) & set(saved)), default=None)
        self.op = row["op"] if row else re.sub(r"Backward\d*$", "", name)
        self.pattern = row["pattern"] if row else "custom"
        self.inputs = _names(row, count) if row else [f"input{i}" for i in range(count)]
        self.rules = [None] * count
        self.terms = row["terms"] if row else {}
        if row:
            by_input = {rule["input"]: rule for rule in row["inputs"]}
            self.rules = [by_input[name.partition("[")[0]] for name in self.inputs]

    def term(self, attribute):
        """The name that formulas use for a saved attribute."""
        base, bracket, item = attribute.partition("[")
        return self.terms.get(base, base[len("_saved_") :] if base.startswith("_saved_") else base) + bracket + item


def _names(row, count):
    """The inputs' names for so many edges: a list's share is what the others leave; None where they do not fit."""
    inputs = row["inputs"]
    lists = [rule for rule in inputs if rule["list"]]
    if not lists:
        return [rule["input"] for rule in inputs[:count]] if len(inputs) == count else None
    share = count - (len(inputs) - len(lists))
    if len(lists) > 1 or share < 0:
        return None
    names = []
    for rule in inputs:
        names += [f"{rule['input']}[{i}]" for i in range(share)] if rule["list"] else [rule["input"]]
    return names


def applied(rule, plain):
    """The text of a rule as it ran: the branch that plain values (by term) decide on; None without a rule."""
    if rule is None:
        return None
    return next((b["text"] for b in rule["branches"] if all(_holds(c, plain) for c in b["when"])), rule["formula"])


def _holds(condition, plain):
    """Whether a condition of the rule's language is true of plain values; where it cannot be told, no."""
    text, names = condition["text"], {}
    for i, (name, value) in enumerate(sorted(plain.items(), key=lambda item: -len(item[0]))):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w(\[])", f"_v{i}", text)
        names[f"_v{i}"] = value
    text = text.replace("&&", " and ").replace("||", " or ").replace("null", "None").replace(".length", ".__len__()")
    text = re.sub(r"!(?!=)", " not ", text)
    text = text.replace("true", "True").replace("false", "False")
    try:
        return bool(eval(text, {"__builtins__": {}, "column_major": _column_major}, names)) is not condition["not"]
    except Exception:
        return False


def _column_major(sizes, strides):
    """Whether a matrix lies in memory column by column; see autograd/formula.ts."""
    return strides[0] == 1 and strides[1] == sizes[0]


def literal(value):
    """A plain value as Python writes it."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, list):
        return literal(tuple(value))
    if isinstance(value, str):
        return json.dumps(value)
    return str(value)
