"""detect_anomaly: NaN gradients are errors, and a failure in backward tells which operation it belongs to."""
import traceback
import warnings

from .. import _bridge, _callbacks
from .._bridge import check

_state = {"enabled": False, "nan": True}
_callback = []


def is_anomaly_enabled():
    """Whether anomaly detection is on."""
    return _state["enabled"]


def is_anomaly_check_nan_enabled():
    """Whether it looks for NaN gradients."""
    return _state["nan"]


def set_anomaly_enabled(enabled, check_nan=True):
    """Switch it on or off."""
    _state.update(enabled=enabled, nan=check_nan)
    if not _callback:
        _callback.append(_callbacks.add(_called))
    check(_bridge.anomaly(_callback[0] if enabled else 0, check_nan))


def _called(node, number):
    """The core's call: (0, 0) for where the program is now, else the node that failed and where that was."""
    from .._grad_fn import node as node_of

    if node == 0:
        user = [frame for frame in traceback.extract_stack() if _bridge.is_user_file(frame.filename)]
        _traces.append("".join(traceback.format_list(user)))
        return len(_traces)
    found = node_of(node)
    warnings.warn(
        f"Error detected in {found.name()}. Traceback of forward call that caused the error:\n"
        f"{_traces[number - 1] if number else ''} (Triggered internally at  "
        "./torch/csrc/autograd/python_anomaly_mode.cpp:114.)",
        UserWarning,
        skip_file_prefixes=(_bridge.HERE, "<facade"),
    )
    return 0


_traces = []


class set_detect_anomaly:
    """Switches anomaly detection on or off at once; as a context manager, until its end."""

    def __init__(self, mode, check_nan=True):
        self.prev = is_anomaly_enabled()
        self.prev_check_nan = is_anomaly_check_nan_enabled()
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *_):
        set_anomaly_enabled(self.prev, self.prev_check_nan)


class detect_anomaly:
    """A context manager with anomaly detection on."""

    def __init__(self, check_nan=True):
        self.prev = is_anomaly_enabled()
        self.check_nan = check_nan
        self.prev_check_nan = is_anomaly_check_nan_enabled()
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self):
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, *_):
        set_anomaly_enabled(self.prev, self.prev_check_nan)
