"""Sportello: the counter where a citizen hands in a request.

>>> import sportello
>>> [finding.code for finding in sportello.check_value("date", "2026-01-31")] != []
True
"""

# Nothing is loaded before it is used, `typing` included: a command that needs this library once in a while pays for it once in a while.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import (
        AsyncClient as AsyncClient,
    )
    from ._client import (
        Client as Client,
    )
    from ._models import (
        AssegnoUnico as AssegnoUnico,
    )
    from ._models import (
        CallbackEvent as CallbackEvent,
    )
    from ._models import (
        Choice as Choice,
    )
    from ._models import (
        DeliveredFile as DeliveredFile,
    )
    from ._models import (
        Delivery as Delivery,
    )
    from ._models import (
        Estimate as Estimate,
    )
    from ._models import (
        Field as Field,
    )
    from ._models import (
        OfficeNote as OfficeNote,
    )
    from ._models import (
        PaidOption as PaidOption,
    )
    from ._models import (
        Quote as Quote,
    )
    from ._models import (
        RemoteSubmission as RemoteSubmission,
    )
    from ._models import (
        Resumed as Resumed,
    )
    from ._models import (
        Search as Search,
    )
    from ._models import (
        SearchResult as SearchResult,
    )
    from ._models import (
        ServiceSummary as ServiceSummary,
    )
    from ._models import (
        Submission as Submission,
    )
    from ._models import (
        SubmissionSummary as SubmissionSummary,
    )
    from ._models import (
        SubmitProgress as SubmitProgress,
    )
    from ._models import (
        Update as Update,
    )
    from ._native import (
        Attachment as Attachment,
    )
    from ._native import (
        CodiceFiscale as CodiceFiscale,
    )
    from ._native import (
        Coherence as Coherence,
    )
    from ._native import (
        Finding as Finding,
    )
    from ._native import (
        Report as Report,
    )
    from ._native import (
        Service as Service,
    )
    from ._native import (
        Verdict as Verdict,
    )
    from ._native import (
        check_column as check_column,
    )
    from ._native import (
        check_value as check_value,
    )
    from ._native import (
        pages as pages,
    )
    from .errors import (
        AnswersError as AnswersError,
    )
    from .errors import (
        AuthError as AuthError,
    )
    from .errors import (
        CheckError as CheckError,
    )
    from .errors import (
        CodiceFiscaleError as CodiceFiscaleError,
    )
    from .errors import (
        ConfigError as ConfigError,
    )
    from .errors import (
        CreditError as CreditError,
    )
    from .errors import (
        DeliveryError as DeliveryError,
    )
    from .errors import (
        FindingSummary as FindingSummary,
    )
    from .errors import (
        JournalError as JournalError,
    )
    from .errors import (
        KindError as KindError,
    )
    from .errors import (
        NeedsPerson as NeedsPerson,
    )
    from .errors import (
        NetworkError as NetworkError,
    )
    from .errors import (
        PriceError as PriceError,
    )
    from .errors import (
        ProviderError as ProviderError,
    )
    from .errors import (
        ReferenceError as ReferenceError,
    )
    from .errors import (
        RuntimeGone as RuntimeGone,
    )
    from .errors import (
        SchemaError as SchemaError,
    )
    from .errors import (
        ServiceError as ServiceError,
    )
    from .errors import (
        SportelloError as SportelloError,
    )
    from .errors import (
        SubmitError as SubmitError,
    )
    from .errors import (
        TableError as TableError,
    )

_HOME = {
    "AsyncClient": "_async_client",
    "Client": "_client",
    "AssegnoUnico": "_models",
    "CallbackEvent": "_models",
    "Choice": "_models",
    "DeliveredFile": "_models",
    "Delivery": "_models",
    "Estimate": "_models",
    "Field": "_models",
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
    "Attachment": "_native",
    "CodiceFiscale": "_native",
    "Coherence": "_native",
    "Finding": "_native",
    "Report": "_native",
    "Service": "_native",
    "Verdict": "_native",
    "check_column": "_native",
    "check_value": "_native",
    "pages": "_native",
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
    "Finding",
    "FindingSummary",
    "JournalError",
    "KindError",
    "NeedsPerson",
    "NetworkError",
    "OfficeNote",
    "PaidOption",
    "PriceError",
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
    "pages",
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
