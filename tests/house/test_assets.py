"""The console's assets: built from what lies in the tree, kept where the network is away, and complete."""

import gzip
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.tree import PACKAGE, ROOT, files, short

LOCK = "package-lock.json"


def bundle_module() -> ModuleType:
    """frontend/bundle.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("bundle", ROOT / "frontend/bundle.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program in a small tree of its own, with npm and esbuild standing still."""
    module = bundle_module()
    frontend, assets = tmp_path / "frontend", tmp_path / "src/onevoice/doors/console/assets"
    (assets / "src").mkdir(parents=True)
    for name, text in (("app.css", "p{}"), ("app.js", "1")):
        (assets / "src" / name).write_text(text, "utf-8")
    icons = frontend / "node_modules/lucide-static/icons"
    icons.mkdir(parents=True)
    (icons / "mail.svg").write_text('<svg class="lucide">\n  <path d="m1 1" />\n  <path d="m2 2" />\n</svg>', "utf-8")
    for name in ("bundle.py", LOCK, "package.json"):
        (frontend / name).write_text(name, "utf-8")
    (frontend / "icons.txt").write_text("mail\n", "utf-8")
    for name, value in {"FRONTEND": frontend, "ASSETS": assets, "SOURCES": assets / "src"}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "BUILT", assets / "dist")
    monkeypatch.setattr(module, "LICENCES", {})
    monkeypatch.setattr(module, "run_esbuild", lambda into: (into / "app.css").write_text("built", "utf-8"))
    monkeypatch.setattr(module, "run", lambda *_: None)
    return module


def test_what_is_built_is_not_built_again_until_something_changes(bundle: ModuleType) -> None:
    """A second build is free; a changed source, icon list or lock file is not overlooked."""
    assert bundle.bundle() == "The console's assets were built."
    assert bundle.bundle() == "The console's assets are as they were last built."
    for changed in (bundle.SOURCES / "app.css", bundle.FRONTEND / LOCK):
        changed.write_text("changed", "utf-8")
        assert bundle.bundle() == "The console's assets were built."
    assert sorted(path.name for path in bundle.ASSETS.iterdir()) == ["dist", "src"]


def test_without_a_network_what_was_built_is_kept(bundle: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working on a train is possible; only the very first build needs the registry, and says so."""

    def unreachable(*_: object) -> None:
        raise bundle.NotBundled("Is the npm registry reachable?")

    monkeypatch.setattr(bundle, "run", unreachable)
    with pytest.raises(bundle.NotBundled, match="npm registry"):
        bundle.bundle()
    monkeypatch.setattr(bundle, "run", lambda *_: None)
    bundle.bundle()
    (bundle.SOURCES / "app.css").write_text("changed", "utf-8")
    (bundle.FRONTEND / "node_modules/.installed-from.txt").unlink()
    monkeypatch.setattr(bundle, "run", unreachable)
    assert "kept as last built" in bundle.bundle()
    assert (bundle.BUILT / "app.css").read_text("utf-8") == "built"


def test_texts_are_compressed_when_built_and_equal_sources_give_equal_bytes(bundle: ModuleType) -> None:
    """What is served compressed is what was built; nothing is compressed while somebody waits."""
    bundle.bundle()
    first = (bundle.BUILT / "app.css.gz").read_bytes()
    assert gzip.decompress(first) == (bundle.BUILT / "app.css").read_bytes()
    assert gzip.decompress((bundle.BUILT / "icons.svg.gz").read_bytes()) == (bundle.BUILT / "icons.svg").read_bytes()
    bundle.build("again")
    assert (bundle.BUILT / "app.css.gz").read_bytes() == first


def test_icons_become_symbols_and_an_unknown_one_stops_the_build(bundle: ModuleType) -> None:
    """A page asks for `icons.svg#mail`; a misspelt name is found when it is built, not when it is seen."""
    sprite = bundle.icon_sprite()
    assert sprite.count("<symbol") == 1
    assert '<symbol id="mail" viewBox="0 0 24 24"' in sprite
    assert '<path d="m1 1" /><path d="m2 2" /></symbol>' in sprite
    (bundle.FRONTEND / "icons.txt").write_text("mail\nmale\n", "utf-8")
    with pytest.raises(bundle.NotBundled, match="male"):
        bundle.bundle()


def test_a_tree_that_lacks_a_source_says_so(bundle: ModuleType) -> None:
    """Half a checkout does not become half a console."""
    (bundle.SOURCES / "app.js").unlink()
    with pytest.raises(bundle.NotBundled, match=r"lacks app\.js"):
        bundle.bundle()


def test_the_installed_console_is_whole() -> None:
    """What the tests run with was built from these very sources, with every icon of the list and the licences."""
    module = bundle_module()
    assert module.built_from() == module.fingerprint_of_sources()
    built = {path.name for path in module.BUILT.iterdir()}
    assert {"app.css", "app.js", "icons.svg", "licences.txt", "inter-latin-wght-normal.woff2"} <= built
    assert {f"{name}.gz" for name in built if name in ("app.css", "app.js", "icons.svg", "licences.txt")} <= built
    symbols = re.findall(r'<symbol id="([\w-]+)"', (module.BUILT / "icons.svg").read_text("utf-8"))
    assert symbols == (ROOT / "frontend/icons.txt").read_text("utf-8").split()


def test_every_icon_on_a_page_is_in_the_sprite() -> None:
    """No page shows an empty square."""
    known = set((ROOT / "frontend/icons.txt").read_text("utf-8").split())
    for path in files():
        if path.is_relative_to(PACKAGE / "doors") and path.suffix in {".html", ".jinja", ".py", ".js"}:
            asked = set(re.findall(r"""\bicon\(["']([a-z][\w-]*)|icons\.svg#([a-z][\w-]*)""", path.read_text("utf-8")))
            assert {first or second for first, second in asked} <= known, short(path)
