"""Sportello: the counter where a citizen hands in a request.

>>> import sportello
>>> [finding.code for finding in sportello.check_value("date", "2026-01-31")] != []
True
"""

# Nothing is loaded before it is used, `typing` included: a command that needs this library once in a while pays for it once in a while.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import AsyncClient
    from ._client import Client
    from ._logging import log_to_logging
    from ._models import (
        AssegnoUnico,
        CallbackEvent,
        Choice,
        DeliveredFile,
        Delivery,
        Estimate,
        Field,
        FieldReport,
        InputHints,
        OfficeNote,
        PaidOption,
        Quote,
        RemoteSubmission,
        Resumed,
        Search,
        SearchResult,
        ServiceSummary,
        Submission,
        SubmissionSummary,
        SubmitProgress,
        Update,
        delivery_estimate,
    )
    from ._native import (
        Attachment,
        CodiceFiscale,
        Coherence,
        Finding,
        Report,
        Service,
        Verdict,
        check_column,
        check_value,
        holidays,
        is_working_day,
        pages,
    )
    from ._progress import ProgressBar, progress_bar
    from .errors import (
        AnswersError,
        AuthError,
        CheckError,
        CodiceFiscaleError,
        ConfigError,
        CreditError,
        DeliveryError,
        FindingSummary,
        JournalError,
        KindError,
        NeedsPerson,
        NetworkError,
        PriceError,
        ProviderError,
        ReferenceError,
        RuntimeGone,
        SchemaError,
        ServiceError,
        SportelloError,
        SubmitError,
        TableError,
    )

_HOME = {
    "AsyncClient": "_async_client",
    "Client": "_client",
    "log_to_logging": "_logging",
    "AssegnoUnico": "_models",
    "CallbackEvent": "_models",
    "Choice": "_models",
    "DeliveredFile": "_models",
    "Delivery": "_models",
    "Estimate": "_models",
    "Field": "_models",
    "FieldReport": "_models",
    "InputHints": "_models",
    "OfficeNote": "_models",
    "PaidOption": "_models",
    "Quote": "_models",
    "RemoteSubmission": "_models",
    "Resumed": "_models",
    "Search": "_models",
    "SearchResult": "_models",
    "ServiceSummary": "_models",
    "Submission": "_models",
    "SubmissionSummary": "_models",
    "SubmitProgress": "_models",
    "Update": "_models",
    "delivery_estimate": "_models",
    "Attachment": "_native",
    "CodiceFiscale": "_native",
    "Coherence": "_native",
    "Finding": "_native",
    "Report": "_native",
    "Service": "_native",
    "Verdict": "_native",
    "check_column": "_native",
    "check_value": "_native",
    "holidays": "_native",
    "is_working_day": "_native",
    "pages": "_native",
    "ProgressBar": "_progress",
    "progress_bar": "_progress",
    "AnswersError": "errors",
    "AuthError": "errors",
    "CheckError": "errors",
    "CodiceFiscaleError": "errors",
    "ConfigError": "errors",
    "CreditError": "errors",
    "DeliveryError": "errors",
    "FindingSummary": "errors",
    "JournalError": "errors",
    "KindError": "errors",
    "NeedsPerson": "errors",
    "NetworkError": "errors",
    "PriceError": "errors",
    "ProviderError": "errors",
    "ReferenceError": "errors",
    "RuntimeGone": "errors",
    "SchemaError": "errors",
    "ServiceError": "errors",
    "SportelloError": "errors",
    "SubmitError": "errors",
    "TableError": "errors",
}

__all__ = [
    "AnswersError",
    "AssegnoUnico",
    "AsyncClient",
    "Attachment",
    "AuthError",
    "CallbackEvent",
    "CheckError",
    "Choice",
    "Client",
    "CodiceFiscale",
    "CodiceFiscaleError",
    "Coherence",
    "ConfigError",
    "CreditError",
    "DeliveredFile",
    "Delivery",
    "DeliveryError",
    "Estimate",
    "Field",
    "FieldReport",
    "Finding",
    "FindingSummary",
    "InputHints",
    "JournalError",
    "KindError",
    "NeedsPerson",
    "NetworkError",
    "OfficeNote",
    "PaidOption",
    "PriceError",
    "ProgressBar",
    "ProviderError",
    "Quote",
    "ReferenceError",
    "RemoteSubmission",
    "Report",
    "Resumed",
    "RuntimeGone",
    "SchemaError",
    "Search",
    "SearchResult",
    "Service",
    "ServiceError",
    "ServiceSummary",
    "SportelloError",
    "Submission",
    "SubmissionSummary",
    "SubmitError",
    "SubmitProgress",
    "TableError",
    "Update",
    "Verdict",
    "check_column",
    "check_value",
    "delivery_estimate",
    "holidays",
    "is_working_day",
    "log_to_logging",
    "pages",
    "progress_bar",
]


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Name what can be loaded, too."""
    return sorted({*globals(), *__all__})
