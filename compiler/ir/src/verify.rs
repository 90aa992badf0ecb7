//! Filled by the text-form work: verify.
