//! What lowering knows of package runtime by name.

/// Functions that never return to their caller.
pub fn is_noreturn(name: &str) -> bool {
    matches!(
        name,
        "gopanic"
            | "panicIndex"
            | "panicIndexU"
            | "panicdivide"
            | "panicshift"
            | "panicmakeslicelen"
            | "panicmakeslicecap"
            | "panicdottypeE"
            | "panicdottypeI"
            | "panicnildottype"
            | "panicwrap"
            | "panicrangestate"
            | "panicmem"
            | "throw"
            | "fatal"
            | "block"
            | "panicunsafeslicelen"
            | "panicunsafeslicenilptr"
            | "panicunsafestringlen"
            | "panicunsafestringnilptr"
    ) || name.starts_with("panicSlice")
}

/// Functions of package reflect that stand for the one they call, as in gc: `recover` works and tracebacks look
/// as if they were not there.
pub fn is_reflect_wrapper(link: &str) -> bool {
    matches!(link, "reflect.callMethod" | "reflect.callReflect")
}
