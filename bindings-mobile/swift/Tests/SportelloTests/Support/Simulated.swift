import Foundation
import XCTest

import Sportello

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The provider on this machine, with its ledger of charges.
final class Simulator: @unchecked Sendable {
    let url: String
    let token: String
    private let running: Running

    init() throws {
        running = try Running("sportello", "--json", "simulator", "--stage-ms", "50")
        let said = try JSONSerialization.jsonObject(with: Data(try running.line().utf8)) as? [String: String]
        url = try XCTUnwrap(said?["baseUrl"])
        token = try XCTUnwrap(said?["token"])
    }

    func charges() async throws -> Int { try await chargedCents().count }

    /// What was charged, in order.
    func chargedCents() async throws -> [Int] {
        let ledger = try JSONSerialization.jsonObject(with: try await call("GET", "ledger")) as? [String: Any]
        return try XCTUnwrap(ledger?["charges"] as? [[String: Any]]).compactMap { $0["amount_cents"] as? Int }
    }

    /// Every request that came, as one text.
    func log() async throws -> String {
        String(decoding: try await call("GET", "log"), as: UTF8.self)
    }

    func fault(_ rule: String) async throws {
        _ = try await call("POST", "faults", rule)
    }

    func noFaults() async throws {
        _ = try await call("DELETE", "faults")
    }

    func fillWallet(cents: Int) async throws {
        _ = try await call("POST", "wallet", #"{"cents": \#(cents)}"#)
    }

    private func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> Data {
        var request = URLRequest(url: try XCTUnwrap(URL(string: "\(url)/_simulator/\(path)")))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (data, response) = try await URLSession.shared.data(for: request)
        XCTAssertEqual((response as? HTTPURLResponse)?.statusCode, 200, String(decoding: data, as: UTF8.self))
        return data
    }

    /// A client that goes direct, whose paid call has little time so that tests need little.
    func client(
        _ provider: DirectProvider = .visengine, journal: JournalPlace = .memory, keys: any JournalKeys = InMemoryJournalKeys()
    ) throws -> SportelloClient {
        let token = token
        return try .direct(provider, .simulator(baseUrl: url), keys: keys, settings: settings(journal)) { token }
    }
}

func settings(_ journal: JournalPlace = .memory) -> ClientSettings {
    ClientSettings(journal: journal, commitTimeout: 2, quietMargin: 0.2)
}

let price = Decimal(19)
let agreed = SubmitOptions(confirmPrice: price)

/// Where a test keeps its journal and its documents.
func place() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sportello-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

func example(_ name: String) throws -> URL {
    let folder = try XCTUnwrap(ProcessInfo.processInfo.environment["SPORTELLO_EXAMPLES"], "SPORTELLO_EXAMPLES")
    return URL(fileURLWithPath: folder).appendingPathComponent(name)
}

/// An invented applicant's.
func application() throws -> AssegnoUnico {
    let front = try Attachment(contentsOf: example("identity-front.jpg"))
    let back = try Attachment(Data(contentsOf: example("identity-back.jpg")), named: "identity-back.jpg")
    return AssegnoUnico(
        givenName: "Rosella",
        familyName: "Prova",
        email: "rosella.prova@example.org",
        mobile: "+39 333 1234567",
        codiceFiscale: "PRVRLL90E52H501S",
        identityDocument: try pages(front: front, back: back),
        codiceFiscaleCard: try Attachment(contentsOf: example("codice-fiscale-card.pdf")),
        mandate: try Attachment(FileHandle(forReadingFrom: example("mandate.pdf")), named: "mandate.pdf"))
}

/// The form of the shared cases under this name.
func sharedService(_ name: String) throws -> Service {
    let file = try sharedFile("form/\(name).json")
    return try Service.fromJson(json: json(XCTUnwrap(file["service"])))
}

typealias Object = [String: Any]

func sharedFile(_ path: String) throws -> Object {
    let root = try XCTUnwrap(ProcessInfo.processInfo.environment["SPORTELLO_VECTORS"], "SPORTELLO_VECTORS")
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)"))
    return try XCTUnwrap(JSONSerialization.jsonObject(with: data) as? Object, path)
}

func json(_ value: Any) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
}

/// Requires that a call fails with this code.
func assertFails<Value>(
    _ code: String, _ call: () async throws -> Value, file: StaticString = #filePath, line: UInt = #line
) async -> SportelloError? {
    do {
        _ = try await call()
        XCTFail("it went well", file: file, line: line)
    } catch {
        XCTAssertEqual((error as? SportelloError)?.code, code, "\(error)", file: file, line: line)
        return error as? SportelloError
    }
    return nil
}
