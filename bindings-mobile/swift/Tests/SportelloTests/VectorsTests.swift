import Foundation
import XCTest

import Sportello

/// The shared cases: data that every language runs.
final class VectorsTests: XCTestCase {
    typealias Object = [String: Any]

    func testForm() throws {
        try run("form") { file, test, name in
            let answers = try Answers.fromJson(json: text(of: test["answers"]))
            let report = try Service.fromJson(json: text(of: file["service"])).check(answers: answers)
            let expect = try XCTUnwrap(test["expect"] as? Object, name)
            try compare(report.findings(), expect, field: true, name)
            XCTAssertEqual(report.isOk(), try XCTUnwrap(expect["ok"] as? Bool, name), name)
            if let missing = expect["missing"] as? Object {
                XCTAssertEqual(report.missingSets(), try XCTUnwrap(missing["sets"] as? [[String]], name), name)
                XCTAssertEqual(Int(report.missingMore()), try XCTUnwrap(missing["more"] as? Int, name), name)
            }
        }
    }

    func testValues() throws {
        try run("values") { file, test, name in
            let kind = try XCTUnwrap(file["kind"] as? String, name)
            let found = try checkValue(kind: kind, value: try XCTUnwrap(test["input"] as? String, name))
            try compare(found, test, field: false, name)
        }
    }

    private func run(_ folder: String, _ body: (Object, Object, String) throws -> Void) throws {
        let root = try XCTUnwrap(ProcessInfo.processInfo.environment["SPORTELLO_VECTORS"], "SPORTELLO_VECTORS")
        let paths = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
        var count = 0
        for path in paths where path.hasSuffix(".json") {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(folder)/\(path)"))
            let file = try XCTUnwrap(JSONSerialization.jsonObject(with: data) as? Object, path)
            for (index, test) in try XCTUnwrap(file["cases"] as? [Object], path).enumerated() {
                try body(file, test, "\(path): \(test["name"] as? String ?? String(index))")
                count += 1
            }
        }
        XCTAssertGreaterThan(count, 0, "no shared case in \(folder)")
        print("vectors: \(count) cases (\(folder))")
    }

    private func text(of value: Any?) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: XCTUnwrap(value)), as: UTF8.self)
    }

    /// A position that a case does not give is not compared.
    private func compare(_ found: [Finding], _ holder: Object, field: Bool, _ name: String) throws {
        let expected = try XCTUnwrap(holder["findings"] as? [Object], name)
        let wanted = try expected.map { finding in
            let start = field ? [finding["field"] as? String ?? "-"] : []
            let end = (finding["position"] as? Int).map { [String($0)] } ?? []
            let code = try XCTUnwrap(finding["code"] as? String, name)
            return start + [code, try XCTUnwrap(finding["severity"] as? String, name)] + end
        }
        let seen = found.enumerated().map { index, finding in
            let start = field ? [finding.field() ?? "-"] : []
            let asked = index < expected.count && expected[index]["position"] is Int
            let end = asked ? [finding.position().map { String($0) } ?? "-"] : []
            return start + [finding.code(), finding.severity() == .error ? "error" : "warning"] + end
        }
        XCTAssertEqual(seen, wanted, name)
    }
}
