"""What the import contracts cannot see of the rooms, and what docs/architecture.md says of their doors."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSES = ("cms", "readers", "publishers")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
ENTRANCE = next(each for each in CONTRACTS if each["name"] == "A room is entered by its door")
#: The modules that are doors, as ``publishers.engine.wake``; a room's package itself always is.
DOORS = {rule.removeprefix("** -> ") for rule in ENTRANCE["ignore_imports"]}
#: What makes the whole of a hub, and may know all of it.
INSIDERS = tuple(ENTRANCE["allowed_importers"])


def files(*houses: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield each module's name with its syntax tree."""
    for house in houses:
        for path in sorted((ROOT / house).rglob("*.py")):
            if "migrations" not in path.parts and "scaffold" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield name, ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (the name by which it is known, the module or what is taken from it) of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.asname or each.name, each.name) for each in node.names)


def is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def is_door(module: str) -> bool:
    room = module.rpartition(".")[0]
    return module in DOORS or f"{room}.*" in DOORS


def test_nobody_reaches_past_a_door_through_the_rooms_package():
    past = []
    for name, tree in files(*HOUSES):
        rooms = {word: whole for word, whole in imported(tree) if whole.count(".") == 1 and is_module(whole)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                room = rooms.get(node.value.id, "")
                inside = f"{room}.{node.attr}"
                is_closed = room and is_module(inside) and not is_door(inside)
                if is_closed and not name.startswith((room, *INSIDERS)):
                    past.append(f"{name}:{node.lineno} {inside}")
    assert past == []


def test_no_product_code_imports_tests_or_benches_or_a_module_by_its_name():
    found = [
        f"{name}: {whole}"
        for name, tree in files(*HOUSES, "config", "sandbox")
        for _known, whole in imported(tree)
        if whole.split(".")[0] in ("tests", "bench", "harness") or whole == "importlib.import_module"
    ]
    assert found == []


def test_a_platform_and_the_suite_that_tests_one_know_no_database():
    found = [
        f"{name}: {whole}"
        for name, tree in files("publishers/platforms", "publishers/testing")
        for _known, whole in imported(tree)
        if whole.startswith(("django.db", "django.apps"))
    ]
    assert found == []


def test_the_table_of_rooms_names_the_doors_that_are_open_and_no_others():
    told = (ROOT / "docs" / "architecture.md").read_text()
    named, closed = set(), []
    for house in HOUSES:
        table = told.split(f"| `{house}/` | what | door |")[1].split("\n\n")[0]
        for line in table.splitlines()[2:]:
            rooms, _what, doors = line.split("|")[1:4]
            modules = {
                f"{house}.{room}.{door}"
                for room in re.findall(r"`(\w+)`", rooms)
                for door in re.findall(r"`(\w+)`", doors)
            }
            named |= modules
            closed += [module for module in modules if is_module(module) and not is_door(module)]
    assert closed == []
    unsaid = {door for door in DOORS - named if "*" not in door and ".demo." not in door}
    assert unsaid == set()


def test_few_modules_stand_in_no_room():
    loose = {house: sorted(path.name for path in (ROOT / house).glob("*.py")) for house in HOUSES}
    assert [names for names in loose.values() if len(names) > 10] == []
