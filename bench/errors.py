"""Exceptions that reach the user as a single line."""


class BadInput(Exception):
    """Bad input by the user, reported in one line with exit code 2.

    The message names the file and the key where there are any, what is wrong, and how to
    mend it. As text it is one line, whatever the names and the messages in it hold.
    """

    def __str__(self) -> str:
        return one_line(super().__str__())

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


def one_line(text: str) -> str:
    """The text with escapes in place of all that is not printable: line breaks, terminal codes,
    and the bytes of a file name that is not UTF-8."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
