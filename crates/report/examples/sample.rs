//! Writes the report of an invented case, to look at: `cargo run -p athar-report --example sample -- OUT.html [ar]`.

#[path = "../tests/common/mod.rs"]
mod common;

use athar_report::Language;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: sample OUT.html [ar]")?;
    let opens_in = if args.next().as_deref() == Some("ar") { Language::Arabic } else { Language::English };
    let case = common::campaign();
    std::fs::write(&out, athar_report::render(&case.report(opens_in))?)?;
    Ok(())
}
