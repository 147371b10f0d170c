import Foundation
import XCTest

/// What `make-xcframework.sh` made, as far as it goes without Apple's tools.
final class FrameworkTests: XCTestCase {
    func testEverySliceIsDescribedAndHasItsLibraryAndItsModule() throws {
        // Beside the package that is tested.
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let framework = package.deletingLastPathComponent().appendingPathComponent("framework/package/Sportello.xcframework")
        let plist = try Data(contentsOf: framework.appendingPathComponent("Info.plist"))
        let info = try XCTUnwrap(PropertyListSerialization.propertyList(from: plist, format: nil) as? [String: Any])
        XCTAssertEqual(info["CFBundlePackageType"] as? String, "XFWK")
        XCTAssertEqual(info["XCFrameworkFormatVersion"] as? String, "1.0")
        var seen: Set<String> = []
        for slice in try XCTUnwrap(info["AvailableLibraries"] as? [[String: Any]]) {
            let name = try XCTUnwrap(slice["LibraryIdentifier"] as? String)
            let folder = framework.appendingPathComponent(name)
            let file = { (key: String) in folder.appendingPathComponent(try XCTUnwrap(slice[key] as? String)).path }
            XCTAssertTrue(FileManager.default.fileExists(atPath: try file("LibraryPath")), name)
            let headers = URL(fileURLWithPath: try file("HeadersPath")).appendingPathComponent("SportelloFFI")
            let map = try String(contentsOf: headers.appendingPathComponent("module.modulemap"), encoding: .utf8)
            XCTAssertTrue(map.contains("module SportelloFFI"), map)
            let header = try XCTUnwrap(map.components(separatedBy: "header \"").last?.components(separatedBy: "\"").first)
            XCTAssertTrue(FileManager.default.fileExists(atPath: headers.appendingPathComponent(header).path), header)
            // The identifier says what the other keys say.
            let architectures = try XCTUnwrap(slice["SupportedArchitectures"] as? [String])
            let platform = try XCTUnwrap(slice["SupportedPlatform"] as? String)
            let variant = (slice["SupportedPlatformVariant"] as? String).map { "-\($0)" } ?? ""
            XCTAssertEqual(name, "\(platform)-\(architectures.joined(separator: "_"))\(variant)")
            seen.insert(name)
        }
        XCTAssertEqual(seen, ["ios-arm64", "ios-arm64_x86_64-simulator", "macos-arm64_x86_64"])
    }
}
