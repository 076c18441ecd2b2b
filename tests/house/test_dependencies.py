"""Few dependencies, each with its reason, all from the public registries."""

import json
import re
import tomllib

from tests.house.tree import ROOT


def requirement_lines() -> list[str]:
    """Every line of pyproject.toml that is a requirement in a list of them."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    blocks = re.findall(r"^(?:dependencies|dev|\w+) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if re.search(r"\"[\w\-\[\],.]+\s*[><=~!]=", line)]


def test_every_dependency_says_why_it_is_here() -> None:
    """One a line, with its reason behind it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = requirement_lines()
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    assert len(lines) >= len(declared)
    silent = [line.strip() for line in lines if not re.search(r"#\s*\w+", line)]
    assert silent == []


def test_python_packages_come_from_the_public_index() -> None:
    """The lock names pypi.org and nothing else: no mirror, no folder of somebody's."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    sources = {json.dumps(package["source"]) for package in lock["package"] if package["name"] != "onevoice"}
    assert sources == {'{"registry": "https://pypi.org/simple"}'}
    files = [file["url"] for package in lock["package"] for file in package.get("wheels", [])]
    assert files
    assert [url for url in files if not url.startswith("https://files.pythonhosted.org/")] == []


def test_console_packages_come_from_the_public_registry() -> None:
    """The console's lock names registry.npmjs.org or nothing, and holds a hash of every package."""
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/"), name
        assert package["integrity"].startswith("sha512-"), name


def test_the_console_loads_nothing_from_elsewhere() -> None:
    """Pages, stylesheets and scripts name no foreign host for a browser to fetch from."""
    fetched = re.compile(r"""(?:src=|href=|url\(|import\s|@import\s|fetch\()\s*["'(]?\s*(https?:)?//(?!\{)""")
    for path in (ROOT / "src/onevoice/doors").rglob("*"):
        if path.suffix in {".html", ".css", ".js", ".jinja"} and "dist" not in path.parts:
            found = [line.strip() for line in path.read_text("utf-8").splitlines() if fetched.search(line)]
            assert found == [], path.name
