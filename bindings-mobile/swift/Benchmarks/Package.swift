// swift-tools-version: 5.9
import PackageDescription

// `cargo xtask bench --swift` puts this beside the package.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "Sportello", path: "../sportello")],
    targets: [
        .executableTarget(name: "benchmarks", dependencies: [.product(name: "Sportello", package: "Sportello")]),
    ],
    swiftLanguageVersions: [.v5, .version("6")]
)
