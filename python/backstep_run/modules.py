"""Modules of the snippet's own folder: found as Python finds them, reporting their tensors like the snippet."""
import importlib.machinery
import importlib.util
import os
import sys

from .instrument import SIZE_LIMIT, compile_source


def install(folder, sources, slots):
    """Instrument modules imported from below `folder`; the function that is given takes the hook away."""
    root = os.path.realpath(folder) + os.sep

    class Loader(importlib.machinery.SourceFileLoader):
        def path_stats(self, path):
            # Without it Python looks for no cached bytecode, which would be of the plain code.
            raise OSError

        def source_to_code(self, data, path, *, _optimize=-1):
            if len(data) > SIZE_LIMIT:
                return super().source_to_code(data, path, _optimize=_optimize)
            name = os.path.relpath(path, root)
            source = sources.of(path) or sources.add(path, importlib.util.decode_source(data))
            source.shown = name.replace(os.sep, "/")
            return compile_source(source, slots)

    def hook(path):
        if not (os.path.realpath(path) + os.sep).startswith(root) or "-packages" in path:
            raise ImportError(path)
        return finder(path)

    finder = importlib.machinery.FileFinder.path_hook(
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES), (Loader, [".py"])
    )
    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()

    def remove():
        sys.path_hooks.remove(hook)
        sys.path_importer_cache.clear()

    return remove
