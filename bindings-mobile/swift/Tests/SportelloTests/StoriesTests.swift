import Foundation
import XCTest

import Sportello

/// One story through every provider: `vectors/story`. Nothing in it knows which provider it is.
final class StoriesTests: XCTestCase {
    func testOneStoryThroughEveryProvider() async throws {
        let cases = try XCTUnwrap(sharedFile("story/stories.json")["cases"] as? [Object])
        for test in cases {
            let name = "\(test["name"] ?? "") (\(test["provider"] ?? ""))"
            let simulator = try Simulator()
            let client = try simulator.client(test["provider"] as? String == "docuengine" ? .docuEngine : .visengine)
            let quote = try await tell(test, client, name)
            let wanted = try XCTUnwrap(test["charges"] as? [String]).map {
                switch $0 {
                case "due_now": quote.dueNow
                case "due_on_choice": quote.dueOnChoice
                default: Decimal(string: $0) ?? .nan
                }
            }
            let charged = try await simulator.chargedCents().map { Decimal($0) / 100 }
            XCTAssertEqual(charged, wanted, name)
        }
        XCTAssertGreaterThan(cases.count, 0)
        print("shared: \(cases.count) cases (story)")
    }

    private func tell(_ test: Object, _ client: SportelloClient, _ name: String) async throws -> Quote {
        let service = try await client.service(try XCTUnwrap(test["service"] as? String, name))
        let answers = answers(test, service)
        let options = test["options"] as? [String] ?? []
        let report = client.check(service, answers: answers)
        XCTAssertTrue(report.isOk(), name)
        let quote = try await client.quote(service, options: options)
        if let due = test["due_now"] as? String { XCTAssertEqual(quote.dueNow, Decimal(string: due), name) }
        if let due = test["due_on_choice"] as? String { XCTAssertEqual(quote.dueOnChoice, Decimal(string: due), name) }
        let agreed = SubmitOptions(confirmPrice: quote.dueNow, options: options, acceptWarnings: report.findings().map { $0.code() })
        let submission = try await client.submit(service, answers: answers, reference: "story", options: agreed)
        XCTAssertEqual(submission.price, quote.dueNow, name)
        var remote = try await ended(client, name)
        if let results = test["results"] as? Int {
            let found = remote.searches.flatMap(\.results)
            XCTAssertEqual(found.count, results, name)
            if let index = test["choose"] as? Int {
                XCTAssertEqual(remote.progress, .choiceNeeded, name)
                _ = try await client.choose("story", result: found[index], confirmPrice: quote.dueOnChoice)
                remote = try await ended(client, name)
                XCTAssertEqual(remote.chosen, found[index].id(), name)
            }
        }
        let ends: [SubmissionProgress: String] = [.delivered: "delivered", .noResults: "no_results", .cancelled: "cancelled"]
        XCTAssertEqual(ends[remote.progress], test["ends"] as? String, name)
        let folder = try place()
        let files = remote.progress == .delivered ? try await client.delivery("story", into: folder).files().count : 0
        XCTAssertEqual(files, test["files"] as? Int, name)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path).count, files, name)
        return quote
    }

    private func ended(_ client: SportelloClient, _ name: String) async throws -> RemoteSubmission {
        let update = try await client.wait("story", atMost: .seconds(30))
        return try XCTUnwrap(update, name).remote
    }

    /// What is given; where nothing is, invented by kind of field.
    private func answers(_ test: Object, _ service: Service) -> Answers {
        let answers = Answers()
        for (key, value) in test["answers"] as? Object ?? [:] {
            if let text = value as? String { answers[key] = text }
            if let name = (value as? [String: String])?["file"] {
                answers.attach(Attachment(Data("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".utf8), named: name), to: key)
            }
        }
        guard test["answers"] == nil else { return answers }
        for field in service.fields() {
            answers[field.key] =
                switch field.kind {
                case .codiceFiscale, .partitaIva: "12345670124"
                case .codiceFiscalePersona: "PRVRSL90E52H501A"
                case .province: "RM"
                case .municipality: "H501"
                case .email: "rosella.prova@example.org"
                case .date: "01-02-1990"
                default: test["term"] as? String ?? ""
                }
        }
        return answers
    }
}
