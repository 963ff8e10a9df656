"""The modules, by family."""
from .activation import *
from .container import *
from .linear import *
from .loss import *
from .module import Module
