//! What the main package of a test tells package testing about coverage.

/// `-cover`
#[derive(Clone, Debug, Default)]
pub struct CoverMain {
    /// `set`, `count` or `atomic`.
    pub mode: String,
    /// `-coverpkg`; empty: each test is about its own package.
    pub patterns: Vec<String>,
    /// Covered packages.
    pub packages: Vec<String>,
}
