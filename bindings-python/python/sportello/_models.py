"""Plain data that verbs answer with. Whatever may be personal is masked in ``repr``."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ._native import Attachment, Finding, extract
from ._native import delivery_estimate as _delivery_estimate
from .errors import Charged

Progress: TypeAlias = Literal[
    "draft",
    "searching",
    "choice_needed",
    "no_results",
    "processing",
    "data_ready",
    "delivered",
    "cancelled",
    "unknown",
]
Stage: TypeAlias = Literal[
    "intent",
    "draft",
    "committing",
    "refused",
    "committed",
    "delivered",
    "cancelled",
    "needs_person",
    "abandoned",
]
ResumedState: TypeAlias = Literal["advanced", "waiting", "needs_answers", "needs_person", "ready", "fetched"]


def _money(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _at(millis: int | None) -> datetime.datetime | None:
    return None if millis is None else datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)


def _known_at(millis: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)


def _seconds(value: int | None) -> datetime.datetime | None:
    return _at(None if value is None else value * 1000)


@dataclass(frozen=True)
class ServiceSummary:
    """One line of the catalogue."""

    id: str
    name: str
    category: str


@dataclass(frozen=True)
class Quote:
    """What a submission will cost, in euro, net of VAT unless said otherwise."""

    due_now: Decimal
    due_on_choice: Decimal
    total: Decimal
    vat: Decimal
    gross: Decimal
    options: tuple[str, ...]
    credit: Decimal | None

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Quote:
        return cls(
            due_now=Decimal(data["dueNow"]),
            due_on_choice=Decimal(data["dueOnChoice"]),
            total=Decimal(data["total"]),
            vat=Decimal(data["vat"]),
            gross=Decimal(data["gross"]),
            options=tuple(data["options"]),
            credit=_money(data["credit"]),
        )


@dataclass(frozen=True)
class Estimate:
    """When the office is expected to be done: 24 to 48 working hours after it had everything it needs."""

    earliest: datetime.datetime
    latest: datetime.datetime

    @classmethod
    def _of(cls, data: dict[str, Any] | None) -> Estimate | None:
        return None if data is None else cls(_known_at(data["earliest"]), _known_at(data["latest"]))


@dataclass(frozen=True)
class SearchResult:
    """One result of a search; ``id`` is what it is chosen by. ``values`` may be personal data."""

    id: str
    index: int
    values: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Search:
    """One search of a submission."""

    id: str
    status: str
    finished: bool
    results: tuple[SearchResult, ...]


@dataclass(frozen=True)
class OfficeNote:
    """What the office says beyond the state; its text may repeat what the applicant typed."""

    code: str
    info: str = field(repr=False)


@dataclass(frozen=True)
class RemoteSubmission:
    """A submission as the provider describes it."""

    id: str
    service_id: str
    service_name: str
    phase: Literal["open", "committed", "dead", "unknown"]
    progress: Progress
    status: str
    price: Decimal | None
    search_price: Decimal | None
    searches: tuple[Search, ...]
    chosen: str | None
    files: tuple[str, ...] = field(repr=False)
    timeline: tuple[tuple[str, datetime.datetime], ...]
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    note: OfficeNote | None

    @classmethod
    def _of(cls, data: dict[str, Any] | None) -> RemoteSubmission | None:
        return None if data is None else cls._known(data)

    @classmethod
    def _known(cls, data: dict[str, Any]) -> RemoteSubmission:
        note = data["note"]
        return cls(
            id=data["id"],
            service_id=data["serviceId"],
            service_name=data["serviceName"],
            phase=data["phase"],
            progress=data["progress"],
            status=data["status"],
            price=_money(data["price"]),
            search_price=_money(data["searchPrice"]),
            searches=tuple(
                Search(
                    id=search["id"],
                    status=search["status"],
                    finished=search["finished"],
                    results=tuple(SearchResult(**result) for result in search["results"]),
                )
                for search in data["searches"]
            ),
            chosen=data["chosen"],
            files=tuple(data["files"]),
            timeline=tuple((state, _known_at(at * 1000)) for state, at in data["timeline"]),
            created_at=_seconds(data["createdAt"]),
            updated_at=_seconds(data["updatedAt"]),
            note=None if note is None else OfficeNote(code=note["code"], info=note["info"]),
        )


@dataclass(frozen=True)
class Submission:
    """A submission as this side knows it."""

    reference: str
    id: str | None
    service_id: str
    service_name: str
    stage: Stage
    charged: Charged
    price: Decimal | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    remote: RemoteSubmission | None
    expected: Estimate | None

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Submission:
        return cls(
            reference=data["reference"],
            id=data["id"],
            service_id=data["serviceId"],
            service_name=data["serviceName"],
            stage=data["stage"],
            charged=data["charged"],
            price=_money(data["price"]),
            created_at=_known_at(data["createdAt"]),
            updated_at=_known_at(data["updatedAt"]),
            remote=RemoteSubmission._of(data["remote"]),
            expected=Estimate._of(data["expected"]),
        )


@dataclass(frozen=True)
class Update:
    """What a look at a submission showed."""

    reference: str
    remote: RemoteSubmission
    next_step: str
    seen_at: datetime.datetime
    expected: Estimate | None

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Update:
        return cls(
            reference=data["reference"],
            remote=RemoteSubmission._known(data["remote"]),
            next_step=data["nextStep"],
            seen_at=_known_at(data["seenAt"]),
            expected=Estimate._of(data["expected"]),
        )


@dataclass(frozen=True)
class SubmissionSummary:
    """One line of the provider's list of requests."""

    reference: str | None
    id: str
    service_id: str
    service_name: str
    phase: str
    status: str
    created_at: datetime.datetime | None

    @classmethod
    def _of(cls, data: dict[str, Any]) -> SubmissionSummary:
        return cls(
            reference=data["reference"],
            id=data["id"],
            service_id=data["serviceId"],
            service_name=data["serviceName"],
            phase=data["phase"],
            status=data["status"],
            created_at=_seconds(data["createdAt"]),
        )


@dataclass(frozen=True)
class Resumed:
    """What ``resume`` found out about one reference."""

    submission: Submission
    state: ResumedState
    code: str | None


@dataclass(frozen=True)
class SubmitProgress:
    """Where a submission is while it is handed in. ``total`` is 0 when nothing is being uploaded."""

    doing: str
    sent: int
    total: int


@dataclass(frozen=True)
class CallbackEvent:
    """What became of a submission that the provider called back about, as the provider confirmed it."""

    submission: Submission
    changed: bool


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery, on disk."""

    path: Path
    name: str = field(repr=False)
    mime: str | None
    size: int
    sha256: str
    is_archive: bool


class Delivery:
    """The documents of a submission, on disk and never in memory."""

    files: tuple[DeliveredFile, ...]

    def __init__(self, files: tuple[DeliveredFile, ...], folder: object = None) -> None:
        """Take over the files, and the folder that goes with them."""
        self.files = files
        self._folder = folder

    def save(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Copy the files into a folder; one of the same name that is there already is kept, and the new one gets a number."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        return [_save(file, target) for file in self.files]

    def extract(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Unpack every ZIP of the delivery into a folder, under limits; give back the files written."""
        written: list[Path] = []
        for file in self.files:
            if file.is_archive:
                written.extend(Path(path) for path in extract(file.path, Path(folder)))
        return written

    def __repr__(self) -> str:
        """Show how much there is, no names."""
        return f"Delivery({len(self.files)} files, {sum(file.size for file in self.files)} bytes)"


def _save(file: DeliveredFile, folder: Path) -> Path:
    name = Path(file.name)
    for number in range(10_000):
        path = folder / (file.name if number == 0 else f"{name.stem}-{number}{name.suffix}")
        try:
            with path.open("xb") as target, file.path.open("rb") as source:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"every name for the delivery is taken in {folder}")


@dataclass(frozen=True)
class PaidOption:
    """A paid extra of a service."""

    name: str
    price: Decimal


@dataclass(frozen=True)
class Choice:
    """One value of a closed list."""

    code: str
    description: str


@dataclass(frozen=True)
class InputHints:
    """What an input of a page can be told about a field, in HTML's words; hints only, nothing is checked by them."""

    autocomplete: str | None
    input_mode: str
    input_type: str
    capitalize: str
    spellcheck: bool
    accept: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One field of a form, in display order."""

    key: str
    slug: str
    label: str
    kind: str
    help: str
    required: bool
    choices: tuple[Choice, ...]
    input: InputHints

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Field:
        return cls(
            key=data["key"],
            slug=data["slug"],
            label=data["label"],
            kind=data["kind"],
            help=data["help"],
            required=data["required"],
            choices=tuple(Choice(choice["code"], choice["description"]) for choice in data["choices"]),
            input=InputHints(
                autocomplete=data["input"]["autocomplete"],
                input_mode=data["input"]["inputMode"],
                input_type=data["input"]["inputType"],
                capitalize=data["input"]["capitalize"],
                spellcheck=data["input"]["spellcheck"],
                accept=tuple(data["input"]["accept"]),
            ),
        )


@dataclass(frozen=True)
class FieldReport:
    """What a check of one field found.

    ``fields`` are the fields that the findings speak for: the one asked about and those compared with it. What an earlier report says of
    them is out of date; so is what it says of the whole form, where ``whole_form`` is true.
    """

    fields: tuple[str, ...]
    whole_form: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, repr=False)
class AssegnoUnico:
    """The universal child allowance, asked for by one parent; fits whatever order and labels the form has."""

    given_name: str
    family_name: str
    email: str
    mobile: str
    codice_fiscale: str
    identity_document: Attachment | str | os.PathLike[str]
    codice_fiscale_card: Attachment | str | os.PathLike[str]
    mandate: Attachment | str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        """Open files that were named by a path."""
        for name in ("identity_document", "codice_fiscale_card", "mandate"):
            value = getattr(self, name)
            if isinstance(value, (str, os.PathLike)):
                object.__setattr__(self, name, Attachment.from_path(os.fspath(value)))

    def __repr__(self) -> str:
        """Show nothing of the applicant."""
        return "AssegnoUnico(masked)"


def fields(text: str) -> list[Field]:
    """Read a form's fields."""
    return [Field._of(one) for one in loads(text)]


def options(text: str) -> list[PaidOption]:
    """Read a service's paid extras."""
    return [PaidOption(one["name"], Decimal(one["price"])) for one in loads(text)]


def money(text: str) -> Decimal | None:
    """Read an amount that may not be there."""
    return _money(loads(text))


def field_report(fields: list[str], whole_form: bool, findings: list[Finding]) -> FieldReport:
    """Put together what a check of one field found."""
    return FieldReport(tuple(fields), whole_form, tuple(findings))


def delivery_estimate(complete_at: datetime.datetime) -> Estimate:
    """Tell when the documents can be expected of a request that was complete at this moment: 24 to 48 working hours later.

    The office says working hours, and not which: they are read as hours around the clock on Italian working days.
    """
    if complete_at.tzinfo is None:
        raise ValueError("a moment without a time zone is none: give it one, such as datetime.timezone.utc")
    earliest, latest = _delivery_estimate(max(0, round(complete_at.timestamp() * 1000)))
    return Estimate(_known_at(earliest), _known_at(latest))


def loads(text: str) -> Any:
    """Read what the core answered."""
    return json.loads(text)
