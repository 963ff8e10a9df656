"""The debug adapter of debugpy, as `python -m debugpy.adapter`."""
import runpy

runpy.run_module("debugpy.adapter", run_name="__main__")
