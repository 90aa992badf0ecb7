//! What belongs to Go's cryptographic module: see `fips.rs`.

use golift_ir::{Data, FuncDecl};

/// The variable with what the linker says about the module.
pub const LINK_INFO: &str = "crypto/internal/fips140/check.Linkinfo";

fn is_module(symbol: &str) -> bool {
    symbol.starts_with("crypto/internal/fips140/") || symbol.starts_with("crypto/internal/fips140.")
}

/// Does the function belong to the module?
pub fn is_module_code(decl: &FuncDecl) -> bool {
    is_module(&decl.name)
}

/// Does the object belong to the module?
pub fn is_module_data(data: &Data) -> bool {
    is_module(&data.name) && data.name != LINK_INFO
}
