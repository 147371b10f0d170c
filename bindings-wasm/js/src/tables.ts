// Written by core/tests/js_tables.rs: not by hand.

/** What a finding says. Stable: programs branch on it. */
export type FindingCode =
  | "required.missing"
  | "required.alternatives"
  | "rule.must_be_empty"
  | "answer.unknown_field"
  | "answer.duplicate"
  | "answer.text_expected"
  | "answer.file_expected"
  | "field.unknown_kind"
  | "text.control_character"
  | "text.too_long"
  | "choice.unknown"
  | "email.form"
  | "email.character"
  | "email.dots"
  | "email.domain"
  | "email.too_long"
  | "email.international"
  | "phone.unlikely"
  | "denominazione.no_letters"
  | "codice_fiscale.length"
  | "codice_fiscale.character"
  | "codice_fiscale.case"
  | "codice_fiscale.blanks"
  | "codice_fiscale.month"
  | "codice_fiscale.date"
  | "codice_fiscale.check_letter"
  | "codice_fiscale.place_unknown"
  | "codice_fiscale.place_dates"
  | "coherence.surname"
  | "coherence.name"
  | "coherence.swapped"
  | "coherence.sex"
  | "coherence.birth_date"
  | "coherence.birthplace"
  | "partita_iva.length"
  | "partita_iva.character"
  | "partita_iva.prefix"
  | "partita_iva.zero"
  | "partita_iva.check_digit"
  | "partita_iva.office"
  | "date.form"
  | "date.calendar"
  | "municipality.form"
  | "municipality.unknown"
  | "province.form"
  | "province.unknown"
  | "rea.form"
  | "file.empty"
  | "file.too_large"
  | "file.unknown_type"
  | "file.type_disagrees"
  | "file.password_protected"
  | "file.truncated"
  | "file.name";

/** What a field asks for. */
export type FieldKind =
  | "text"
  | "email"
  | "denominazione"
  | "file"
  | "codice_fiscale_persona"
  | "codice_fiscale"
  | "partita_iva"
  | "municipality"
  | "province"
  | "rea"
  | "cciaa"
  | "date"
  | "unknown";

/** What a field asks for beyond its kind, where that is recognised. */
export type FieldRole =
  | "given_name"
  | "surname"
  | "birth_date"
  | "birthplace"
  | "sex"
  | "codice_fiscale"
  | "email"
  | "phone"
  | "identity_document"
  | "codice_fiscale_card"
  | "mandate"
  | "iban";

/** Where a submission stands as far as money is concerned. */
export type Phase =
  | "open"
  | "committed"
  | "dead"
  | "unknown";

/** How far the office has come. */
export type Progress =
  | "draft"
  | "searching"
  | "choice_needed"
  | "no_results"
  | "processing"
  | "data_ready"
  | "delivered"
  | "cancelled"
  | "unknown";

/** Why a verb of the client's did not do what was asked. Stable: programs branch on it. Rooms of their own (`schema.…`, `journal.…`, `pages.…`) have others. */
export type ErrorCode =
  | "check.errors"
  | "check.warnings"
  | "reference.invalid"
  | "reference.personal_data"
  | "reference.unknown"
  | "submit.reference_conflict"
  | "service.not_found"
  | "service.elsewhere"
  | "service.unavailable"
  | "service.ambiguous"
  | "option.unknown"
  | "config.token_missing"
  | "config.credentials_missing"
  | "config.once_not_guaranteed"
  | "config.relay_needed"
  | "config.base_url_missing"
  | "price.missing"
  | "price.unconfirmed"
  | "price.differs"
  | "price.is_gross"
  | "price.raised"
  | "spend.limit"
  | "attachment.unreadable"
  | "attachment.changed"
  | "network.unreachable"
  | "network.tls"
  | "network.timeout"
  | "network.interrupted"
  | "network.redirect"
  | "answer.unreadable"
  | "answer.other_id"
  | "answer.other_service"
  | "auth.token_rejected"
  | "auth.credentials_rejected"
  | "auth.forbidden"
  | "provider.rate_limited"
  | "provider.unavailable"
  | "provider.refused"
  | "provider.not_found"
  | "submit.credit_insufficient"
  | "submit.data_refused"
  | "submit.notify_email_refused"
  | "submit.duplicate"
  | "submit.echo_mismatch"
  | "submit.options_mismatch"
  | "submit.not_ours"
  | "submit.draft_dead"
  | "submit.needs_answers"
  | "submit.commits_stopped"
  | "submit.outcome_unknown"
  | "submit.needs_person"
  | "submission.not_committed"
  | "choice.not_needed"
  | "choice.unknown_result"
  | "choice.already_made"
  | "search.not_allowed"
  | "search.number"
  | "submissions.not_listed"
  | "callback.url_invalid"
  | "callback.too_large"
  | "callback.unreadable"
  | "callback.not_authentic"
  | "delivery.not_ready"
  | "delivery.corrupt"
  | "delivery.link_refused"
  | "delivery.address_refused"
  | "file.write"
  | "flow.misuse"
  | "sealed.other_key"
  | "sealed.damaged"
  | "sealed.unavailable"
  | "call.cancelled"
  | "internal";

/** Every code by its number, and whether it is an error. */
export const CODES: readonly (readonly [FindingCode, boolean])[] = [
  ["required.missing", true],
  ["required.alternatives", true],
  ["rule.must_be_empty", true],
  ["answer.unknown_field", true],
  ["answer.duplicate", true],
  ["answer.text_expected", true],
  ["answer.file_expected", true],
  ["field.unknown_kind", false],
  ["text.control_character", true],
  ["text.too_long", true],
  ["choice.unknown", true],
  ["email.form", true],
  ["email.character", true],
  ["email.dots", true],
  ["email.domain", true],
  ["email.too_long", true],
  ["email.international", false],
  ["phone.unlikely", false],
  ["denominazione.no_letters", false],
  ["codice_fiscale.length", true],
  ["codice_fiscale.character", true],
  ["codice_fiscale.case", true],
  ["codice_fiscale.blanks", true],
  ["codice_fiscale.month", true],
  ["codice_fiscale.date", true],
  ["codice_fiscale.check_letter", true],
  ["codice_fiscale.place_unknown", true],
  ["codice_fiscale.place_dates", false],
  ["coherence.surname", false],
  ["coherence.name", false],
  ["coherence.swapped", false],
  ["coherence.sex", false],
  ["coherence.birth_date", false],
  ["coherence.birthplace", false],
  ["partita_iva.length", true],
  ["partita_iva.character", true],
  ["partita_iva.prefix", true],
  ["partita_iva.zero", true],
  ["partita_iva.check_digit", true],
  ["partita_iva.office", false],
  ["date.form", true],
  ["date.calendar", true],
  ["municipality.form", true],
  ["municipality.unknown", true],
  ["province.form", true],
  ["province.unknown", true],
  ["rea.form", true],
  ["file.empty", true],
  ["file.too_large", true],
  ["file.unknown_type", true],
  ["file.type_disagrees", true],
  ["file.password_protected", true],
  ["file.truncated", false],
  ["file.name", false],
];

/** The roles in the order of their texts. */
export const ROLES: readonly FieldRole[] = [
  "given_name",
  "surname",
  "birth_date",
  "birthplace",
  "sex",
  "codice_fiscale",
  "email",
  "phone",
  "identity_document",
  "codice_fiscale_card",
  "mandate",
  "iban",
];

/** The largest file that is accepted, in bytes: 100 MiB. */
export const FILE_LIMIT_BYTES = 104857600;
