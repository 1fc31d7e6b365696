"""The layers of ARCHITECTURE.md and the sizes of STYLE, read from the sources."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src"
PACKAGE = SOURCES / "wayfold"
MODULES = sorted(SOURCES.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "misc"}
OUTSIDE = {
    "pywayland": {"protocol", "wayland"},
    "sqlite3": {"log"},
    "apsw": {"log"},
}
"""Packages that only these layers may touch."""

each_module = pytest.mark.parametrize(
    "file", MODULES, ids=[str(file.relative_to(SOURCES)) for file in MODULES]
)


def layers() -> dict[str, set[str]]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| layer | may import |\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", table, re.MULTILINE)
    known = [name for layer, _ in rows for name in layer.split(", ")]
    return {
        name: _allowed(allowed, known)
        for layer, allowed in rows
        for name in layer.split(", ")
        if not name.startswith("-")
    }


def _allowed(words: str, known: list[str]) -> set[str]:
    if words == "all" or words.startswith("all but "):
        return set(known) - set(words.removeprefix("all").removeprefix(" but ").split(", "))
    return set() if words == "nothing of ours" else set(words.split(", "))


def layer_of(module: str) -> str:
    """Give the layer of a module or of what is imported; the package itself is the client's."""
    first = (*module.split("."), "__init__")[1]
    return {"__init__": "client", "__main__": "cli"}.get(first, first)


def imports(file: Path) -> Iterator[str]:
    """Give every absolute name that is imported anywhere in the file, functions included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: imports are absolute"
            for alias in node.names:
                # `from wayfold import errors` names a layer, `from wayfold import connect` a name.
                deeper = f"{node.module}.{alias.name}"
                yield deeper if node.module == "wayfold" and _is_ours(deeper) else node.module or ""


def _is_ours(module: str) -> bool:
    path = SOURCES / module.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


def functions(file: Path) -> Iterator[tuple[str, int]]:
    """Give each function with its lines of code: no docstring, comments or blank lines."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            code = lines[body[0].lineno - 1 : body[-1].end_lineno] if body else []
            yield node.name, sum(bool(line.partition("#")[0].strip()) for line in code)


def listed(file: Path) -> set[str]:
    """Give the names in a module's `__all__`."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def names_taken(file: Path) -> Iterator[tuple[Path, str]]:
    """Give each name that a file imports from another module of ours, with that module's file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        home = (SOURCES / node.module.replace(".", "/")).with_suffix(".py")
        if home.exists():
            yield from ((home, alias.name) for alias in node.names)


def test_the_table_of_layers_is_there() -> None:
    assert {"errors", "native", "protocol", "log", "model", "wayland", "client"} <= set(layers())


@pytest.mark.parametrize("path", sorted(PACKAGE.iterdir()), ids=lambda path: path.stem)
def test_every_module_and_folder_has_a_layer(path: Path) -> None:
    if path.suffix in (".build", ".typed", ".so") or path.stem.startswith("__"):
        return

    assert path.stem in layers()


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./-]+\.(?:py|c|js|md|build))`", text))
    folders = (ROOT / "src", ROOT / "tests", ROOT / "docs")
    known = {f"/{path.relative_to(ROOT)}" for folder in folders for path in folder.rglob("*.*")}
    known |= {f"/{path.name}" for path in ROOT.iterdir()}

    assert not {name for name in named if not any(path.endswith(f"/{name}") for path in known)}


@each_module
def test_imports_go_down_the_table(file: Path) -> None:
    module = ".".join(file.relative_to(SOURCES).with_suffix("").parts)
    ours = {layer_of(name) for name in imports(file) if name.split(".")[0] == "wayfold"}
    if module == "pytest_wayfold":
        own, more = "cli", set[str]()  # as free as a command, in its fixtures
    else:
        own, more = layer_of(module), {"aio", "playback"} if module == "wayfold.__init__" else set()

    assert ours <= layers()[own] | {own} | more


@each_module
def test_what_is_imported_from_a_module_is_listed_there(file: Path) -> None:
    taken = list(names_taken(file))

    assert not [(str(home), name) for home, name in taken if name not in listed(home)]


@each_module
def test_only_their_layers_touch_pywayland_and_sqlite(file: Path) -> None:
    layer = file.relative_to(SOURCES).with_suffix("").parts[1:2]
    touched = {name.split(".")[0] for name in imports(file)} & OUTSIDE.keys()

    assert not {name for name in touched if not set(layer) & OUTSIDE[name]}


@pytest.mark.parametrize("file", sorted((PACKAGE / "model").glob("*.py")), ids=lambda f: f.stem)
def test_the_model_has_no_clock(file: Path) -> None:
    assert not {"time", "datetime"} & {name.split(".")[0] for name in imports(file)}


def test_the_pytest_plugin_imports_the_package_in_fixtures_only() -> None:
    plugin = SOURCES / "pytest_wayfold.py"
    top = ast.parse(plugin.read_text(encoding="utf-8")).body
    names = [a.name for n in top if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in top if isinstance(n, ast.ImportFrom)]

    assert not [name for name in names if name.split(".")[0] == "wayfold"]


@each_module
def test_a_file_has_at_most_500_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 500


@each_module
def test_a_module_is_named_for_what_it_does(file: Path) -> None:
    assert file.stem not in FORBIDDEN_NAMES


@each_module
def test_a_function_has_at_most_40_lines_of_code(file: Path) -> None:
    assert not [name for name, length in functions(file) if length > 40]


def test_nine_in_ten_functions_have_under_20_lines_of_code() -> None:
    lengths = [length for file in MODULES for _, length in functions(file)]

    assert sum(length < 20 for length in lengths) >= 0.9 * len(lengths)
