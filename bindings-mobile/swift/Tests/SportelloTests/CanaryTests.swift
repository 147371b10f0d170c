import Foundation
import XCTest

import Sportello

private let canary = "CANARIA"

/// Nothing that holds a person's data shows it: not printed, not interpolated, not dumped, not in an error.
final class CanaryTests: XCTestCase {
    func testNothingThatHoldsAPersonsDataShowsIt() async throws {
        let service = try sharedService("coherence")
        let person = try PersonDetails(
            surname: canary, name: canary, sex: .female, birthDate: DateComponents(year: 1990, month: 5, day: 12), birthplace: "H501")
        let code = try CodiceFiscale.encode(person: person)
        let file = Attachment(Data(canary.utf8), named: "\(canary).pdf")
        let answers = Answers(["nome": canary], files: ["file": file])
        let wrong = Answers(["$0": canary, "$4": "\(canary)90E52H501A"])
        let report = service.check(answers: wrong)
        let (model, fields) = await MainActor.run {
            let model = FormModel(service)
            model.type(canary, into: "$0")
            return (model, model.fields)
        }
        let options = SubmitOptions(confirmPrice: 19, notifyEmail: "\(canary)@example.org")
        let settings = ClientSettings(journal: .memory, account: canary, proxy: "http://\(canary):\(canary)@127.0.0.1:8080")
        let allowance = try application()
        let shown: [Any] = [
            answers, file, person, code, code.canonical(), report, report.findings(), code.findings(person: person),
            service.checkField(answers: wrong, key: "$0"), service.corrected(report: report, answers: wrong), model, fields,
            HostEvent.answered(status: 200, headers: ["x": canary], body: Data(canary.utf8)), options, settings, HostSettings(journal: .memory, account: canary), allowance, try allowance.answers(service: try sharedService("assegno-unico")), InMemoryJournalKeys(Data(canary.utf8)),
        ]
        for value in shown { assertMasked(value) }
    }

    func testNoErrorShowsIt() async throws {
        XCTAssertThrowsError(try Answers.fromJson(json: "\"\(canary)\"")) { assertMasked($0) }
        XCTAssertThrowsError(try checkValue(kind: "shoe_size", value: canary)) { assertMasked($0) }
        XCTAssertThrowsError(try CodiceFiscale.parse(text: "\(canary)90E52H501A")) { assertMasked($0) }
        XCTAssertThrowsError(try Attachment(contentsOf: URL(fileURLWithPath: "/nowhere/\(canary).pdf"))) { assertMasked($0) }
        XCTAssertThrowsError(try pages(front: Attachment(Data(canary.utf8), named: canary), back: Attachment(Data(), named: canary))) {
            assertMasked($0)
        }
        let simulator = try Simulator()
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        let wrong = Answers(["nome": canary, "codice_fiscale": "\(canary)90E52H501A"])
        let error = await assertFails("check.errors") {
            try await client.submit(service, answers: wrong, reference: "auu-1", options: SubmitOptions(confirmPrice: price))
        }
        assertMasked(error as Any)
        let strange = try SportelloClient.direct(
            .visengine, .simulator(baseUrl: simulator.url), keys: InMemoryJournalKeys(), settings: settings()
        ) { canary }
        do {
            _ = try await strange.submissions()
            XCTFail("a token that nobody issued was accepted")
        } catch {
            assertMasked(error)
        }
    }
}

private func assertMasked(_ value: Any, line: UInt = #line) {
    var dumped = ""
    dump(value, to: &dumped)
    let error = (value as? Error).map { "\($0.localizedDescription) \(($0 as? SportelloError)?.text ?? "") \(($0 as NSError).userInfo)" } ?? ""
    let text = "\(value) \(String(describing: value)) \(String(reflecting: value)) \(dumped) \(error)"
    for secret in [canary, "CNRCNR", "PRVRLL", "Rosella", "CANARIA".lowercased()] {
        XCTAssertFalse(text.contains(secret), text, line: line)
    }
}
