"""`torch.__version__`: a text that is compared as a version (PEP 440), also with tuples such as (1, 13)."""
import re

from .version import __version__ as _version

__all__ = ["TorchVersion"]

_FORM = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<n>\d*))?"
    r"(?:-(?P<bare>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<p>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<d>\d*))?(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE,
)
_STAGES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}


def _key(text):
    """What versions are ordered by; None where the text is none."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    release = [int(n) for n in found["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    after = None if found["post"] is None and found["bare"] is None else int(found["bare"] or found["p"] or 0)
    dev = None if found["dev"] is None else int(found["d"] or 0)
    if found["pre"] is not None:
        stage = found["pre"].lower()
        pre = (1, _STAGES.get(stage, stage), int(found["n"] or 0))
    else:
        # A development release comes before any stage, the release itself after all.
        pre = (0,) if after is None and dev is not None else (2,)
    local = [] if found["local"] is None else re.split(r"[-_.]", found["local"].lower())
    return (
        int(found["epoch"] or 0),
        release,
        pre,
        -1 if after is None else after,
        float("inf") if dev is None else dev,
        [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in local],
    )


def _comparison(name):
    def compared(self, other):
        if not isinstance(other, str):
            try:
                other = ".".join(str(part) for part in other)
            except TypeError:
                return NotImplemented
        ours, theirs = _key(self), _key(other)
        if ours is None or theirs is None:
            return getattr(str, name)(self, other)
        return getattr(ours, name)(theirs)

    compared.__name__ = name
    return compared


class TorchVersion(str):
    """As PyTorch's: `torch.__version__ >= (1, 13)`, `torch.__version__ < "2.0"`; what is no version is compared as text."""

    __hash__ = str.__hash__


for _name in ("__gt__", "__lt__", "__eq__", "__ge__", "__le__", "__ne__"):
    setattr(TorchVersion, _name, _comparison(_name))

__version__ = TorchVersion(_version)
