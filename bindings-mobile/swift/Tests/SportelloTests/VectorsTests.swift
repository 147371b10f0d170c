import Foundation
import XCTest

import Sportello

/// The shared cases: data that every language runs.
final class VectorsTests: XCTestCase {
    func testForm() throws {
        try run("form", says: "vectors: %d cases (form)") { file, test, name in
            let report = try Service.fromJson(json: json(XCTUnwrap(file["service"]))).check(answers: try answers(test["answers"]))
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
        try run("values", says: "vectors: %d cases (values)") { file, test, name in
            let kind = try XCTUnwrap(file["kind"] as? String, name)
            let found = try checkValue(kind: kind, value: try XCTUnwrap(test["input"] as? String, name))
            try compare(found, test, field: false, name)
        }
    }

    /// A form that is being filled in: one field, what is required by now, what is corrected.
    func testTyping() throws {
        for part in ["field", "required", "corrected"] {
            try run("typing", part: part) { file, test, name in
                let service = try service(of: file)
                let answers = try answers(test["answers"])
                switch part {
                case "field":
                    let report = service.checkField(answers: answers, key: try XCTUnwrap(test["key"] as? String, name))
                    try compare(report.findings, test, field: true, name)
                    XCTAssertEqual(report.fields, try XCTUnwrap(test["fields"] as? [String], name), name)
                    XCTAssertEqual(report.wholeForm, try XCTUnwrap(test["whole_form"] as? Bool, name), name)
                case "required":
                    XCTAssertEqual(service.required(answers: answers), try XCTUnwrap(test["required"] as? [String], name), name)
                default:
                    let corrected = service.corrected(report: service.check(answers: answers), answers: answers)
                    let wanted = try XCTUnwrap(test["corrected"] as? Object, name)
                    XCTAssertEqual(Set(corrected.keys()), Set(wanted.keys), name)
                    for (key, value) in wanted {
                        let file = (value as? Object)?["file"] as? Object
                        XCTAssertEqual(corrected[key] ?? corrected.file(key: key)?.name(), value as? String ?? file?["name"] as? String, name)
                    }
                }
            }
        }
    }

    /// What an input can be told.
    func testHints() throws {
        var count = 0
        for path in try files("typing") {
            let file = try sharedFile(path)
            let fields = Dictionary(uniqueKeysWithValues: try service(of: file).fields().map { ($0.key, $0.input) })
            for (key, hints) in try XCTUnwrap(file["hints"] as? [String: Object], path) {
                let (input, name) = (try XCTUnwrap(fields[key]), "\(path): \(key)")
                XCTAssertEqual(String(describing: input.keyboard), hints["inputMode"] as? String, name)
                XCTAssertEqual(String(describing: input.control), hints["inputType"] as? String, name)
                XCTAssertEqual(String(describing: input.capitals), hints["capitalize"] as? String, name)
                XCTAssertEqual(input.spellcheck, hints["spellcheck"] as? Bool, name)
                XCTAssertEqual(input.accept, hints["accept"] as? [String], name)
                XCTAssertEqual(input.mayAutofill, hints["autocomplete"] as? String != "off", name)
                count += 1
            }
        }
        XCTAssertGreaterThan(count, 0)
        print("shared: \(count) cases (hints)")
    }

    /// A codice fiscale made, read, compared.
    func testCodiceFiscale() throws {
        let sexes = [Sex.male: "M", .female: "F"]
        func sex(_ text: Any?) -> Sex? { sexes.first { $0.value == text as? String }?.key }
        func person(_ data: Object) throws -> PersonDetails {
            let day = (data["birth_date"] as? String)?.split(separator: "-").compactMap { Int($0) }
            return try PersonDetails(
                surname: data["surname"] as? String, name: data["name"] as? String, sex: sex(data["sex"]),
                birthDate: day.map { DateComponents(year: $0[0], month: $0[1], day: $0[2]) }, birthplace: data["birthplace"] as? String)
        }
        try run("codice_fiscale/encode.json") { _, test, name in
            let person = try person(test)
            guard let code = test["code"] as? String else {
                XCTAssertThrowsError(try CodiceFiscale.encode(person: person), name) {
                    XCTAssertEqual(($0 as? SportelloError)?.code, test["error"] as? String, name)
                }
                return
            }
            XCTAssertEqual(try CodiceFiscale.encode(person: person).text(), code, name)
        }
        try run("codice_fiscale/decode.json") { _, test, name in
            let code = try CodiceFiscale.parse(text: try XCTUnwrap(test["code"] as? String))
            XCTAssertEqual(code.canonical().text(), test["canonical"] as? String, name)
            XCTAssertEqual(code.isOmocodia(), test["omocodia"] as? Bool, name)
            XCTAssertEqual(sexes[code.sex()], test["sex"] as? String, name)
            XCTAssertEqual(code.birthplace(), test["birthplace"] as? String, name)
            let days = code.birthDates().map { String(format: "%04d-%02d-%02d", $0.year ?? 0, $0.month ?? 0, $0.day ?? 0) }
            XCTAssertEqual(days, test["birth_dates"] as? [String], name)
        }
        let parts = [CodiceFiscalePart.surname: "surname", .name: "name", .sex: "sex", .birthDate: "birth_date", .birthplace: "birthplace"]
        try run("codice_fiscale/coherence.json") { _, test, name in
            let code = try CodiceFiscale.parse(text: try XCTUnwrap(test["code"] as? String))
            let coherence = code.coherence(person: try person(try XCTUnwrap(test["person"] as? Object)))
            XCTAssertEqual(coherence.disagreeing.map { parts[$0] ?? "?" }, test["disagreeing"] as? [String], name)
            XCTAssertEqual(coherence.undecided.map { parts[$0] ?? "?" }, test["undecided"] as? [String], name)
            XCTAssertEqual(coherence.isSwapped, test["swapped"] as? Bool, name)
        }
    }

    /// The lists of other validators.
    func testPeers() throws {
        try run("peers") { _, test, name in
            let found = try checkValue(
                kind: try XCTUnwrap(test["kind"] as? String), value: try XCTUnwrap(test["input"] as? String))
            let verdict = found.contains { $0.severity() == .error } ? "wrong" : found.isEmpty ? "right" : "warning"
            XCTAssertEqual(verdict, test["ours"] as? String, name)
            XCTAssertEqual(found.map { $0.code() }, test["codes"] as? [String], name)
        }
    }

    /// The cases of one file or of a folder's; says how many there were.
    private func run(
        _ place: String, part: String = "cases", says: String? = nil, _ body: (Object, Object, String) throws -> Void
    ) throws {
        var count = 0
        for path in try files(place) {
            let file = try sharedFile(path)
            for (index, test) in try XCTUnwrap(file[part] as? [Object], path).enumerated() {
                try body(file, test, "\(path): \(test["name"] as? String ?? String(index))")
                count += 1
            }
        }
        XCTAssertGreaterThan(count, 0, "no shared case in \(place)")
        print(says.map { String(format: $0, count) } ?? "shared: \(count) cases (\(place) \(part))")
    }

    private func files(_ place: String) throws -> [String] {
        if place.hasSuffix(".json") { return [place] }
        let root = try XCTUnwrap(ProcessInfo.processInfo.environment["SPORTELLO_VECTORS"], "SPORTELLO_VECTORS")
        return try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(place)").filter { $0.hasSuffix(".json") }.sorted()
            .map { "\(place)/\($0)" }
    }

    /// Named among the cases of whole forms, or written out.
    private func service(of file: Object) throws -> Service {
        if let name = file["form"] as? String { return try sharedService(name) }
        return try Service.fromJson(json: json(XCTUnwrap(file["form"])))
    }

    private func answers(_ value: Any?) throws -> Answers {
        try Answers.fromJson(json: json(XCTUnwrap(value)))
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
