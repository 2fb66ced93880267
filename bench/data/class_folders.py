"""Class folders: each name is a class, and its position among all names the label."""

from __future__ import annotations

from pathlib import Path

from bench.errors import BadInput

# Made by systems, not by people; hidden entries (.ipynb_checkpoints, ._x.JPEG) are another kind.
SYSTEM_ENTRIES = ("lost+found", "__MACOSX")


def visible(folder: Path) -> list[Path]:
    """The entries of a folder that people made, by name."""
    return sorted(path for path in folder.iterdir() if is_visible(path.name))


def is_visible(name: str) -> bool:
    """Tells if people made the entry of a folder that has this name."""
    return not name.startswith(".") and name not in SYSTEM_ENTRIES


def class_folders(folder: Path) -> list[Path]:
    """The class folders of a folder, in the order of their labels: that of characters (ImageNet's
    convention), or of numbers where all names are such."""
    found = [path for path in visible(folder) if path.is_dir()]
    if all(path.name.isdecimal() for path in found):
        found.sort(key=lambda path: int(path.name))
    return found


def check_same_classes(folder: Path, other: Path) -> None:
    """Raises BadInput where two folders of class folders do not name the same classes: a label
    would be one class in the first and another in the second. Tar shards bring their own labels."""
    names = [_class_names(path) for path in (folder, other)]
    if not all(names) or names[0] == names[1]:
        return
    both = set(names[0]) & set(names[1])
    found = [
        f"{path} has {_shortened([name for name in mine if name not in both])}"
        for path, mine in zip((folder, other), names)
    ]
    raise BadInput(
        f"{' and '.join(found)} that the other has not; labels are positions among the names of "
        "class folders, so both need the same names"
    )


def _class_names(folder):
    """The names of the class folders, in the order of their labels; none where there are shards."""
    if not folder.is_dir() or any(path.suffix == ".tar" for path in visible(folder)):
        return []
    return [path.name for path in class_folders(folder)]


def _shortened(names):
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"the class folder {names[0]!r}{more}" if names else "none"
