"""torch._six: what old programs take from there."""
import collections.abc as container_abcs  # noqa: F401
from math import inf, nan  # noqa: F401

string_classes = (str, bytes)
