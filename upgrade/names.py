"""Finds the new names of moved modules, and of moved names in modules."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from upgrade.moves import MODULES, NAMES, PACKAGES

ROOTS = {"app": "src", "tests": "."}
MOVES = MODULES | NAMES
IMPORTS = MOVES | PACKAGES
# Matches a line that defines, assigns or imports a name. An import may have several lines.
DEFINITION = r"^(?:(?:class|def|async def) +{0}\b|{0} *[:=]|(?:from|import) .*\b{0}\b|    {0},$)"
OLD = {new: old for old, new in (MODULES | PACKAGES).items()}


class Modules:
    """The modules in a project's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.has = cache(self._has)

    def new_name(self, dotted: str, moves: Mapping[str, str] = MOVES) -> str | None:
        """Return the new name of a moved module or of a moved name in a module, or `None`.

        A name that exists in the project did not move: an owner may reuse an old name.
        """
        parts = dotted.split(".")
        if (length := _moved_parts(dotted, moves)) is None:
            return None
        old = ".".join(parts[:length])
        is_module = any(self.has(".".join(parts[:end])) for end in range(length, len(parts) + 1))
        if is_module or (old in NAMES and self._defines(old)):
            return None
        new = ".".join([moves[old], *parts[length:]])
        return self.new_name(new) or new

    def resolves(self, dotted: str) -> bool:
        """Return whether a name is a module, or occurs in the text of its module."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            if self.has(module := ".".join(parts[:length])):
                return length == len(parts) or parts[length] in self._text(module)
        return False

    def _defines(self, dotted: str) -> bool:
        """Return whether a module defines or imports a name."""
        module, _, name = dotted.rpartition(".")
        return re.search(DEFINITION.format(name), self._text(module), re.MULTILINE) is not None

    def _has(self, dotted: str) -> bool:
        file, package = self._files(dotted)
        return file.is_file() or (package.is_file() and dotted not in PACKAGES)

    def _text(self, dotted: str) -> str:
        there = [file for file in self._files(dotted) if file.is_file()]
        return "".join(file.read_text("utf-8", "replace") for file in there)

    def _files(self, dotted: str) -> tuple[Path, Path]:
        root, *rest = dotted.split(".")
        path = self._folder.joinpath(ROOTS.get(root, "."), root, *rest)
        return path.with_name(f"{path.name}.py"), path / "__init__.py"


class Names:
    """The names in one file of a project."""

    def __init__(self, modules: Modules, file: Path) -> None:
        """Take the path of the file, relative to the project's folder."""
        self._modules = modules
        self._is_python = file.suffix == ".py"
        parts = file.with_suffix("").parts[file.parts[0] == "src" :]
        is_package = parts[-1] == "__init__"
        own = ".".join(parts[:-1] if is_package else parts)
        old = _old_name(own)
        self._package = own if is_package else _parent(own)
        self._old_package = old if is_package else _parent(old)

    def absolute(self, module: str) -> str:
        """Return the absolute name of a module in an import statement."""
        return _resolve(module, self._package)

    def new_name(self, dotted: str, *, is_module: bool) -> str | None:
        """Return the new name of a dotted name in a text, or `None`.

        In a text, `app` may also be a variable or part of a host name. A name such as `app.server`
        therefore counts only if its context shows a module (`is_module`) and the new name exists.
        """
        if dotted.startswith("app.state.") and not self._is_python:
            return None
        new = self._modules.new_name(dotted)
        if ".".join(dotted.split(".")[:2]) not in MODULES:
            return new
        return new if new and is_module and self._modules.resolves(new) else None

    def new_module(self, dotted: str) -> str | None:
        """Return the new name of the module in an `import` statement, or `None`."""
        return self._modules.new_name(dotted, IMPORTS)

    def new_origin(self, module: str, name: str) -> tuple[str, str] | None:
        """Return the new module and name of an import by a `from` statement, or `None`."""
        there = self.absolute(module)
        if name == "*":
            new = self._modules.new_name(there, IMPORTS)
            return (new, name) if new else None
        if new := self._modules.new_name(f"{there}.{name}", IMPORTS):
            return _parent(new), new.rpartition(".")[2]
        is_broken = module.startswith(".") and not self._finds(there, module, name)
        old = _resolve(module, self._old_package)
        if not (is_broken and self._old_package):
            return None
        new = self._modules.new_name(f"{old}.{name}", IMPORTS)
        if new or self._finds(old, module, name):
            return _parent(new or f"{old}.{name}"), (new or name).rpartition(".")[2]
        return None

    def _finds(self, absolute: str, module: str, name: str) -> bool:
        """Return whether a relative import can be resolved."""
        if module.strip("."):
            return self._modules.has(absolute)
        return self._modules.resolves(f"{absolute}.{name}")


def _moved_parts(dotted: str, moves: Mapping[str, str]) -> int | None:
    """Return the number of leading parts that form a moved name, or `None`."""
    parts = dotted.split(".")
    for length in range(len(parts), 1, -1):
        old = ".".join(parts[:length])
        # Names inside a package of `PACKAGES` did not move.
        if old in moves and (old == dotted or old not in PACKAGES):
            return length
    return None


def _resolve(module: str, package: str) -> str:
    """Return the absolute name of a module that is imported relative to a package."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return module
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def _old_name(dotted: str) -> str:
    """Return the old name of a module, or an empty text if the module did not move."""
    length = _moved_parts(dotted, OLD)
    if length is None:
        return ""
    parts = dotted.split(".")
    return ".".join([OLD[".".join(parts[:length])], *parts[length:]])


def _parent(dotted: str) -> str:
    return dotted.rpartition(".")[0]
