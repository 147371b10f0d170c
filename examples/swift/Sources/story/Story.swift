import Foundation
import Sportello

/// The whole story in a terminal: what can be asked for, a form filled in, a price, handing in, watching, the documents. With a relay
/// as an app has it, or directly against the simulator.
///
///     sportello-relay serve --simulator            prints an address and a session
///     swift run story relay http://127.0.0.1:8080 SESSION FOLDER
///
///     sportello simulator                          prints an address and a token
///     swift run story simulator http://127.0.0.1:8090 TOKEN FOLDER
@main
struct Story {
    static func main() async {
        do {
            try await Story(CommandLine.arguments).tell()
        } catch let error as SportelloError {
            print("\(error.code): \(error.text)")
            for finding in error.findings { print("  - \(finding.text(lang: .en))") }
            if error.isRetryable { print("The same reference may be handed in again; charged: \(error.charged)") }
            exit(1)
        } catch {
            print(error.localizedDescription)
            exit(2)
        }
    }

    private let client: SportelloClient
    private let folder: URL
    private let examples: URL

    private init(_ arguments: [String]) throws {
        guard arguments.count == 5, let url = URL(string: arguments[2]) else { throw Usage() }
        let secret = arguments[3]
        folder = URL(fileURLWithPath: arguments[4])
        examples = URL(fileURLWithPath: ProcessInfo.processInfo.environment["SPORTELLO_EXAMPLES"] ?? "../data")
        // An app: `.applicationSupport()` and `KeychainJournalKeys()`.
        let keys = try KeyFile(folder.appendingPathComponent("journal.key"))
        let settings = ClientSettings(journal: .file(at: folder.appendingPathComponent("journal.sqlite")), userAgent: "story/1")
        client = switch arguments[1] {
        case "relay": try .throughRelay(url, keys: keys, settings: settings) { secret }
        case "simulator":
            try .direct(.visengine, .simulator(baseUrl: url.absoluteString), keys: keys, settings: settings) { secret }
        default: throw Usage()
        }
    }

    private func tell() async throws {
        // What was under way when the app was last killed comes first.
        for resumed in try await client.resume(into: folder) {
            print("resumed: \(resumed.submission.reference) \(resumed.state)")
        }

        let found = try await client.services(search: "assegno unico")
        for summary in found { print("service: \(summary.name) (\(summary.category))") }
        let service = try await client.service("assegno-unico")

        let answers = try await fillIn(service)
        let quote = try await client.quote(service)
        print("price: \(quote.dueNow) net, \(quote.gross) with VAT")

        // ANCHOR: story
        // The app's own name of this one intention: kept with it, and the same after a crash.
        let reference = "family-4711-2026"
        let submission = try await client.submit(
            service, answers: answers, reference: reference, options: SubmitOptions(confirmPrice: quote.dueNow)
        ) { progress in
            if progress.total > 0, progress.sent == progress.total { print("  uploaded \(progress.total) bytes") }
        }
        print("handed in: \(submission.stage), charged: \(submission.charged)")

        for try await update in client.watch(reference) {
            print("  \(update.remote.status): \(update.remote.nextStep.text(in: .en))")
        }

        let delivery = try await client.delivery(reference, into: folder)
        // ANCHOR_END: story
        for file in delivery.files() { print("document: \(file.name()), \(file.length()) bytes") }
        for path in try await delivery.extract(folder: folder.appendingPathComponent("documents").path) {
            print("  unpacked \(URL(fileURLWithPath: path).lastPathComponent)")
        }
    }

    /// As a screen does it: field by field, with what is wrong shown at once.
    @MainActor
    private func fillIn(_ service: Service) throws -> Answers {
        // ANCHOR: check
        let model = FormModel(service, lang: .en)
        let allowance = AssegnoUnico(
            givenName: "Rosella",
            familyName: "Prova",
            email: "rosella.prova@example.org",
            mobile: "+39 333 1234567",
            codiceFiscale: "PRVRLL90E52H501S",
            identityDocument: try pages(front: file("identity-front.jpg"), back: file("identity-back.jpg")),
            codiceFiscaleCard: try file("codice-fiscale-card.pdf"),
            mandate: try file("mandate.pdf"))
        let right = try allowance.answers(service: service)
        // A slip of the finger first.
        if let code = model.fields.first(where: { $0.field.role == .codiceFiscale })?.id {
            model[text: code] = "PRVRLL90E52H501X"
            show(model)
        }
        // ANCHOR_END: check
        for field in model.fields {
            if let text = right[field.id] { model[text: field.id] = text }
            if let file = right.file(key: field.id) { model.attach(file, to: field.id) }
        }
        print("complete: \(model.check().isOk())")
        show(model)
        return model.answers
    }

    @MainActor
    private func show(_ model: FormModel) {
        for field in model.fields {
            for problem in field.problems { print("  \(field.label): \(problem.text)") }
        }
    }

    private func file(_ name: String) throws -> Attachment {
        try Attachment(contentsOf: examples.appendingPathComponent(name))
    }
}

struct Usage: LocalizedError {
    var errorDescription: String? { "usage: story relay|simulator ADDRESS SESSION-OR-TOKEN FOLDER" }
}
