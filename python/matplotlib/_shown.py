"""Figures on their way out: who takes them, how many there may be, and which calls were passed over."""
import json

# Of one run. A loop that shows a figure at every step is not to fill the panel.
MOST = 40
# Characters of one figure as JSON.
LONGEST = 2_000_000

_take = None
_taken = 0
_passed = {}
_crowded = None


def connect(take, note):
    """`take(JSON of a trace/figure.ts Figure)` gets what is shown from now on; `note(words)` what is said of the rest."""
    global _take, _taken, _crowded
    _take, _taken, _crowded = take, 0, note
    _passed.clear()


def pass_over(name):
    """A call that is not recorded; the next figure tells of it."""
    _passed[name] = None


def show(record):
    """Hand a figure out; `record` as JSON has it, without the calls that were passed over."""
    global _taken
    if _take is None:
        return
    _taken += 1
    if _taken > MOST:
        if _taken == MOST + 1:
            _crowded(f"matplotlib: figures after the first {MOST} are not drawn")
        return
    record["passedOver"] = list(_passed)[:50]
    text = json.dumps(record, allow_nan=False)
    if len(text) > LONGEST:
        _crowded(f"matplotlib: a figure is not drawn, because it has more than {LONGEST} characters of data")
        return
    _passed.clear()
    _take(text)
