//! Scripts as text.

use super::opcode;
use super::push::{Push, Pushes};
use std::fmt::Write;

/// The text of a script is cut after the step that passes this many characters.
pub const ASM_LEN_MAX: usize = 4096;
/// Bytes of one push that are shown.
const PUSH_SHOWN_MAX: usize = 520;

/// The script as readable text: opcodes by Bitcoin Core's names, pushed data in hexadecimal, for example
/// `OP_DUP OP_HASH160 <40 digits> OP_EQUALVERIFY OP_CHECKSIG`.
///
/// Total over any bytes. A number without a meaning shows as `OP_UNKNOWN(0xff)`, a push that the script is too short
/// for as `[truncated push: 4c05aabb]`. What is left out of a long script is counted: `[+1000 bytes]`.
pub fn disassemble(script: &[u8]) -> String {
    let mut text = String::new();
    let mut steps = Pushes::new(script);
    while text.len() < ASM_LEN_MAX {
        let before = steps.rest();
        let Some(step) = steps.next() else {
            if !before.is_empty() {
                separate(&mut text);
                text.push_str("[truncated push: ");
                hex(&mut text, before);
                text.push(']');
            }
            return text;
        };
        separate(&mut text);
        match step {
            Push::Data { data: [], .. } => text.push_str("[empty push]"),
            Push::Data { data, .. } => hex(&mut text, data),
            Push::Op(op) => match opcode::name(op) {
                Some(name) => text.push_str(name),
                // writing to a String cannot fail
                None => drop(write!(text, "OP_UNKNOWN(0x{op:02x})")),
            },
        }
    }
    if !steps.rest().is_empty() {
        let _ = write!(text, " [+{} bytes]", steps.rest().len());
    }
    text
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push(' ');
    }
}

fn hex(text: &mut String, data: &[u8]) {
    let shown = &data[..data.len().min(PUSH_SHOWN_MAX)];
    for byte in shown {
        let _ = write!(text, "{byte:02x}");
    }
    if shown.len() < data.len() {
        let _ = write!(text, "[+{} bytes]", data.len() - shown.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_read_as_their_opcodes() {
        let asm = |text: &str| disassemble(&hex::decode(text).unwrap());
        let hash = "62e907b15cbf27d5425399ebf6f0fb50ebb88f18";
        assert_eq!(asm(&format!("76a914{hash}88ac")), format!("OP_DUP OP_HASH160 {hash} OP_EQUALVERIFY OP_CHECKSIG"));
        assert_eq!(asm("004f505160"), "OP_0 OP_1NEGATE OP_RESERVED OP_1 OP_16");
        assert_eq!(
            asm("6163686ab1b2b9baff"),
            "OP_NOP OP_IF OP_ENDIF OP_RETURN OP_CHECKLOCKTIMEVERIFY OP_CHECKSEQUENCEVERIFY OP_NOP10 OP_CHECKSIGADD OP_UNKNOWN(0xff)"
        );
        assert_eq!(asm("6a4c02aabb"), "OP_RETURN aabb");
        assert_eq!(asm("ac4c05aabb"), "OP_CHECKSIG [truncated push: 4c05aabb]");
        assert_eq!(asm("4c00"), "[empty push]");
        assert_eq!(asm("4e"), "[truncated push: 4e]");
        assert_eq!(asm(""), "");
    }

    #[test]
    fn the_text_stays_bounded_and_counts_what_it_leaves_out() {
        let ops = disassemble(&vec![0xac; 100_000]);
        assert!(ops.len() < ASM_LEN_MAX + 100, "{}", ops.len());
        assert!(ops.ends_with(" bytes]"), "{}", &ops[ops.len() - 30..]);
        let mut push = vec![0x4e, 0x40, 0x0d, 0x03, 0x00]; // 200,000 bytes
        push.resize(200_005, 0xee);
        let text = disassemble(&push);
        assert!(text.ends_with("ee[+199480 bytes]"), "{}", &text[text.len() - 30..]);
        push.truncate(100_000);
        assert!(disassemble(&push).len() < ASM_LEN_MAX);
    }
}
