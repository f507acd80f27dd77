//! Any bytes as a document: the first byte chooses its kind, else its content does.
//!
//! A panic of a parser that others wrote is caught by the crate and told as a fault of the document, so it is no finding here; one of
//! this project is.
#![no_main]

#[path = "../../crates/documents/tests/support/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(
    init: {
        let abort = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // paths of this project are relative to it, those of a registry are not
            if panic.location().is_some_and(|place| place.file().contains("crates/documents")) {
                abort(panic);
            }
        }));
    },
    |data: &[u8]| {
        checks::document(data);
    }
);
