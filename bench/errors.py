"""The one exception that reaches the user as a single line."""


class BadInput(Exception):
    """Something the user gave is wrong; the message is one line and the exit code is 2.

    The message names the file and the key where there are any, what is wrong, and how to
    mend it.
    """

    def within(self, key: str) -> "BadInput":
        """The same error, said of a key inside the mapping ``key``."""
        return type(self)(f"{key}.{self}")

    def in_file(self, path) -> "BadInput":
        """The same error, said of something in the file ``path``."""
        return type(self)(f"{path}: {self}")


class InvalidCombination(BadInput):
    """Every value is fine by itself, but not together with the others.

    A search over a grid leaves such points out; anywhere else it is an error like the rest.
    """
