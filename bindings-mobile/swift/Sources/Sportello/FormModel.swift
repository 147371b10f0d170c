import Foundation

#if canImport(Combine)
import Combine
#endif

/// A form while it is filled in, ready for a screen. In SwiftUI it is an `ObservableObject`:
///
/// ```swift
/// @StateObject var model: FormModel
/// ForEach(model.fields) { field in
///     TextField(field.label, text: $model[text: field.id])
///     ForEach(field.problems) { Text($0.text) }
/// }
/// ```
///
/// It needs no toolkit of its own. Its text form shows no answer.
@MainActor
public final class FormModel {
    /// The service that is asked for.
    public let service: Service

    /// The language of labels and texts.
    public let lang: Lang

    /// The fields in display order, each time anew when something about one changes.
    #if canImport(Combine)
    @Published
    #endif
    public private(set) var fields: [FieldState]

    private let given = Answers()

    /// An empty form, in the phone's language unless another is named.
    public init(_ service: Service, lang: Lang = .device) {
        self.service = service
        self.lang = lang
        fields = service.fields().map { FieldState($0, of: service, in: lang) }
    }

    /// What was answered by now, as a copy. Personal data.
    public var answers: Answers { given.copy() }

    /// What was typed into a field; setting it checks this field and what depends on it.
    public subscript(text key: String) -> String {
        get { given.text(key: key) ?? "" }
        set { type(newValue, into: key) }
    }

    /// Takes what was typed, and checks this field and what depends on it.
    public func type(_ text: String, into key: String) {
        given.setText(key: key, value: text)
        judge(key)
    }

    /// Takes a file, and checks this field and what depends on it.
    public func attach(_ file: Attachment, to key: String) {
        given.setFile(key: key, file: file)
        judge(key)
    }

    /// Checks everything, as the last step before handing in; the fields show what was found.
    @discardableResult
    public func check() -> Report {
        let report = service.check(answers: given)
        show(report.findings(), about: nil)
        return report
    }

    /// Takes answers that were given before: a draft of ``FormDrafts``, or what ``SportelloClient/keptAnswers(_:)`` gives back.
    public func restore(_ before: Answers) {
        for key in before.keys() {
            if let text = before.text(key: key) { given.setText(key: key, value: text) }
            if let file = before.file(key: key) { given.setFile(key: key, file: file) }
        }
        // What was not reached yet is not a mistake.
        let answered = Set(fields.map(\.id).filter { given.file(key: $0) != nil || !self[text: $0].isEmpty })
        show(service.check(answers: given).findings().filter { answered.contains($0.field() ?? "") }, about: nil)
    }

    private func judge(_ key: String) {
        let report = service.checkField(answers: given, key: key)
        show(report.findings, about: Set(report.fields))
    }

    /// Shows findings at their fields; of other fields than those they speak about, what was shown stays.
    private func show(_ findings: [Finding], about keys: Set<String>?) {
        let byField = Dictionary(grouping: findings) { $0.field() ?? "" }
        let required = Set(service.required(answers: given))
        fields = fields.map { field in
            var field = field
            if keys?.contains(field.id) ?? true {
                field.problems = (byField[field.id] ?? []).map { FieldProblem($0, in: lang) }
            }
            field.isRequired = required.contains(field.id)
            field.hasFile = given.file(key: field.id) != nil
            return field
        }
    }
}

#if canImport(Combine)
extension FormModel: ObservableObject {}
#endif

/// A field as a screen shows it. What was typed is not in it: ``FormModel`` gives that by key.
public struct FieldState: Identifiable, Equatable, Sendable {
    /// The field: its kind, choices, keyboard and autofill hints.
    public let field: FormField

    /// The label in the phone's language where there is one, else the provider's.
    public let label: String

    /// What to write or to attach.
    public let help: String

    /// True when the form can't be handed in without it, as it is filled by now.
    public internal(set) var isRequired: Bool

    /// What to correct or to look at; empty before the first answer.
    public internal(set) var problems: [FieldProblem] = []

    /// True when a file was attached.
    public internal(set) var hasFile = false

    /// The field's key: `$4`.
    public var id: String { field.key }

    init(_ field: FormField, of service: Service, in lang: Lang) {
        let words = service.fieldHelp(key: field.key, lang: lang)
        self.field = field
        label = words?.label ?? field.label
        help = words?.help ?? field.help
        isRequired = field.required
    }
}

/// Something to correct or to look at.
public struct FieldProblem: Identifiable, Equatable, Sendable {
    /// What to tell the person, in the phone's language.
    public let text: String

    /// False for a likely mistake, which may be right.
    public let isError: Bool

    /// The stable dotted code, by which a warning is accepted.
    public let code: String

    /// The first wrong character, counted from 0, where there is one.
    public let position: Int?

    /// One code is found once in a field.
    public var id: String { code }

    init(_ finding: Finding, in lang: Lang) {
        text = finding.text(lang: lang)
        isError = finding.severity() == .error
        code = finding.code()
        position = finding.position().map(Int.init)
    }
}
