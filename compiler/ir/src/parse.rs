//! Filled by the text-form work: parse.
