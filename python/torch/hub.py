"""torch.hub, which needs a network: the embedded engine runs without one and says so."""
from ._missing import guard


def _refuse(name):
    def refuse(*args, **kwargs):
        raise RuntimeError(
            f"torch.hub.{name}: the embedded engine runs without a network; the PyTorch engine has it"
        )

    refuse.__name__ = name
    return refuse


for _name in ("load", "list", "help", "load_state_dict_from_url", "download_url_to_file"):
    globals()[_name] = _refuse(_name)


def get_dir():
    """Where downloads would lie."""
    return _folder[0]


def set_dir(d):
    _folder[0] = d


_folder = ["/home/user/.cache/torch/hub"]

__getattr__ = guard("torch.hub")
