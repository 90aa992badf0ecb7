//! Filled by the text-form work: print.
