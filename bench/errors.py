"""Exceptions that reach the user as a single line."""


class BadInput(Exception):
    """Bad input by the user, reported in one line with exit code 2.

    The message names the file and the key where there are any, what is wrong, and how to
    mend it.
    """

    def within(self, key: str) -> "BadInput":
        """The same error for a key inside the mapping ``key``."""
        return type(self)(f"{key}.{self}")

    def in_file(self, path) -> "BadInput":
        """The same error for a key or value in the file ``path``."""
        return type(self)(f"{path}: {self}")


class InvalidCombination(BadInput):
    """Values that are valid by themselves but not together.

    A search over a grid leaves such points out; anywhere else this is an error like the others.
    """
