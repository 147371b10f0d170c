"""Why a call did not do what was asked."""


class SportelloError(Exception):
    """The base of this library's errors. Branch on ``code``; the text is for developers."""

    code: str
    detail: str

    def __init__(self, code: str, detail: str) -> None:
        """Keep both as arguments, so that the error can be pickled."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        """Give the text alone."""
        return self.detail


class SchemaError(SportelloError, ValueError):
    """The description of a service is broken: nothing that could be corrected in the answers."""


class AnswersError(SportelloError, TypeError):
    """The answers are not a mapping of keys to texts and files."""


class KindError(SportelloError, ValueError):
    """There is no such kind of value."""
