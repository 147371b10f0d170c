//! Where memory comes from: an allocator a fifth of the size of the standard one.

/// Takes pages from WASM's memory and keeps what is given back by its size (TLSF): constant time, nothing leaks.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
