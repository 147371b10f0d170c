import Foundation
import Sportello
import XCTest

@testable import OwnNetwork

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A network that misbehaves, and its verdict on whoever pays through it.
final class ConformanceTests: XCTestCase {
    func testURLSessionSendsOnceAndSaysWhatItKnows() async throws {
        let server = try Running("sportello-conformance", "--keep")
        let said = try JSONSerialization.jsonObject(with: Data(try server.line().utf8)) as? [String: String]
        let control = try XCTUnwrap(said?["control"])
        let network = URLSessionNetwork()
        let listed = try await ask("GET", "\(control)/_conformance/scripts")
        let scripts = try XCTUnwrap(listed["scripts"] as? [[String: Any]])
        XCTAssertFalse(scripts.isEmpty)
        for name in scripts.compactMap({ $0["name"] as? String }) {
            let script = try await ask("POST", "\(control)/_conformance/script", ["name": name])
            let token = try XCTUnwrap(script["token"] as? String, name)
            for call in try XCTUnwrap(script["calls"] as? [[String: Any]], name) {
                let (request, limit) = try request(call, token)
                var result: [String: Any] = ["call": try XCTUnwrap(call["call"])]
                switch await network.send(request, within: limit) {
                case .answered(let status, _, _): result.merge(["outcome": "answered", "status": status]) { $1 }
                case .failed(.notSent): result["outcome"] = "not_sent"
                default: result["outcome"] = "unknown"
                }
                _ = try await ask("POST", "\(control)/_conformance/result", result)
            }
        }
        let verdict = try await ask("GET", "\(control)/_conformance/verdict")
        let bad = (verdict["verdicts"] as? [[String: Any]] ?? []).filter { $0["good"] as? Bool != true }
        XCTAssertEqual(verdict["good"] as? Bool, true, "\(bad), not run: \(verdict["notRun"] ?? "")")
        print("conformance: \(scripts.count) scripts")
    }

    private func request(_ call: [String: Any], _ token: String) throws -> (URLRequest, Duration) {
        let address = "\(try XCTUnwrap(call["origin"] as? String))\(try XCTUnwrap(call["path"] as? String))"
        var request = URLRequest(url: try XCTUnwrap(URL(string: address)))
        request.httpMethod = call["method"] as? String
        if let body = call["body"] as? String {
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        } else if let body = call["body"], !(body is NSNull) {
            request.httpBody = try JSONSerialization.data(withJSONObject: body)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        return (request, .milliseconds(try XCTUnwrap(call["timeoutMs"] as? Int)))
    }

    private func ask(_ method: String, _ address: String, _ body: [String: Any]? = nil) async throws -> [String: Any] {
        var request = URLRequest(url: try XCTUnwrap(URL(string: address)))
        request.httpMethod = method
        request.httpBody = try body.map { try JSONSerialization.data(withJSONObject: $0) }
        let (data, response) = try await URLSession.shared.data(for: request)
        XCTAssertEqual((response as? HTTPURLResponse)?.statusCode, 200, String(decoding: data, as: UTF8.self))
        return try XCTUnwrap(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
