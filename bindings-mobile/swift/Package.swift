// swift-tools-version: 5.9
import Foundation
import PackageDescription

// The C side is one of two. Where `Sportello.xcframework` stands beside this file (`make-xcframework.sh` makes it on a Mac), it is that: nothing
// else is needed, and other packages may depend on this one. Else it is a library for this machine: `cargo xtask build swift` puts it into
// `lib`, the tests name another folder. SwiftPM takes `unsafeFlags` from a package on the same disk only.
let framework = "Sportello.xcframework"
func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(path)") }
let isFramework = isThere("\(framework)/Info.plist")
let library = Context.environment["SPORTELLO_LIBRARY"] ?? "\(Context.packageDirectory)/\(isThere("lib") ? "lib" : "../lib")"

let tests: [Target] = [
    .executableTarget(name: "KilledApp", dependencies: ["Sportello"], path: "Tests/KilledApp"),
    .testTarget(name: "SportelloTests", dependencies: ["Sportello", "KilledApp"]),
]

let package = Package(
    name: "Sportello",
    // `Duration` is of these.
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "Sportello", targets: ["Sportello"])],
    targets: [
        isFramework ? .binaryTarget(name: "SportelloFFI", path: framework) : .systemLibrary(name: "SportelloFFI"),
        .target(
            name: "Sportello",
            dependencies: ["SportelloFFI"],
            linkerSettings: isFramework
                ? [.linkedFramework("Security"), .linkedFramework("SystemConfiguration")]
                : [.unsafeFlags(["-L\(library)"]), .linkedLibrary("sportello_mobile")]
        ),
    ] + (isThere("Tests") ? tests : []),
    // The newest that the compiler knows is taken.
    swiftLanguageVersions: [.v5, .version("6")]
)
