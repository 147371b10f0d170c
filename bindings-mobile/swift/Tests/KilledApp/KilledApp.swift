import Foundation
import Sportello

#if canImport(Glibc)
import Glibc
#endif

/// An app that the system kills: hands in, and is killed when it comes to a step; started again, it resumes with nothing but its journal.
///
///     KilledApp ADDRESS TOKEN FOLDER STEP          hands in and dies at that step
///     KilledApp ADDRESS TOKEN FOLDER resume        says what came of each reference
@main
struct KilledApp {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let (address, token, folder, step) = (arguments[1], arguments[2], URL(fileURLWithPath: arguments[3]), arguments[4])
        // What a Keychain would give: the same after each start.
        let keys = InMemoryJournalKeys(Data(repeating: 7, count: 32))
        let settings = ClientSettings(
            journal: .file(at: folder.appendingPathComponent("journal.sqlite")), commitTimeout: 2, quietMargin: 0.2)
        let client = try SportelloClient.direct(.visengine, .simulator(baseUrl: address), keys: keys, settings: settings) { token }
        if step == "resume" {
            for resumed in try await client.resume() {
                print("\(resumed.submission.reference) \(resumed.state) \(resumed.submission.charged) \(resumed.code ?? "-")")
            }
            return
        }
        let service = try await client.service("assegno-unico")
        let answers = try application().answers(service: service)
        let submission = try await client.submit(
            service, answers: answers, reference: "auu-1", options: SubmitOptions(confirmPrice: 19)
        ) { if $0.doing == step { kill(getpid(), SIGKILL) } }
        print("\(submission.stage): `\(step)` never came")
    }

    /// Of an invented applicant. One file is in memory and one on disk: both have to outlive the app.
    private static func application() throws -> AssegnoUnico {
        let examples = URL(fileURLWithPath: ProcessInfo.processInfo.environment["SPORTELLO_EXAMPLES"] ?? "")
        let file = { (name: String) in try Attachment(contentsOf: examples.appendingPathComponent(name)) }
        return AssegnoUnico(
            givenName: "Rosella",
            familyName: "Prova",
            email: "rosella.prova@example.org",
            mobile: "+39 333 1234567",
            codiceFiscale: "PRVRLL90E52H501S",
            identityDocument: try pages(front: file("identity-front.jpg"), back: file("identity-back.jpg")),
            codiceFiscaleCard: try file("codice-fiscale-card.pdf"),
            mandate: try file("mandate.pdf"))
    }
}
