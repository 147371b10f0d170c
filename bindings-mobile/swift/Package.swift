// swift-tools-version: 6.0
import PackageDescription

// The package as it is tested: `cargo xtask test swift` puts the generated code and the library beside what is
// written by hand. What is shipped names a binary target instead, since `unsafeFlags` can't be depended upon.
let package = Package(
    name: "Sportello",
    products: [.library(name: "Sportello", targets: ["Sportello"])],
    targets: [
        .systemLibrary(name: "SportelloFFI"),
        .target(
            name: "Sportello",
            dependencies: ["SportelloFFI"],
            linkerSettings: [.unsafeFlags(["-Llib"]), .linkedLibrary("sportello_mobile")]
        ),
        .testTarget(name: "SportelloTests", dependencies: ["Sportello"]),
    ],
    swiftLanguageModes: [.v6]
)
