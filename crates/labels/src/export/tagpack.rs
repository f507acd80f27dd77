//! Labels as a GraphSense TagPack. What its schema has no field for goes into the context, where our import finds it.

use super::with_own;
use crate::assets::symbol;
use crate::label::{Label, SubjectKind};
use crate::pack::{Format, PackId};
use crate::taxonomy::graphsense_concept;
use std::collections::BTreeMap;
use std::io::Write;

/// Writes the accepted labels of addresses and transactions as one TagPack and gives their number.
pub fn export_tagpack<'a>(
    title: &str,
    creator: &str,
    labels: impl IntoIterator<Item = &'a Label>,
    mut out: impl Write,
) -> std::io::Result<u64> {
    writeln!(out, "title: {}", quoted(title))?;
    writeln!(out, "creator: {}", quoted(creator))?;
    let mut written = 0;
    for label in labels.into_iter().filter(|l| l.is_accepted() && l.subject != SubjectKind::Account) {
        let Some(chain) = label.chain else { continue };
        if written == 0 {
            writeln!(out, "tags:")?;
        }
        let subject = if label.subject == SubjectKind::Address { "address" } else { "tx_hash" };
        writeln!(out, "- {subject}: {}", quoted(&label.text))?;
        writeln!(out, "  currency: {}", symbol(chain))?;
        writeln!(out, "  network: {}", symbol(chain))?;
        writeln!(out, "  label: {}", quoted(&label.name))?;
        writeln!(out, "  source: {}", quoted(label.source.as_deref().unwrap_or(&label.pack.title)))?;
        // the concepts of another vocabulary mean nothing to GraphSense: ours is translated instead
        let concepts: Vec<&str> = if label.pack.format == Format::TagPack {
            label.concepts.iter().map(String::as_str).collect()
        } else {
            label.categories.iter().filter_map(|c| graphsense_concept(*c)).collect()
        };
        if !concepts.is_empty() {
            let list: Vec<String> = concepts.into_iter().map(quoted).collect();
            writeln!(out, "  concepts: [{}]", list.join(", "))?;
        }
        if let Some(confidence) = &label.confidence {
            writeln!(out, "  confidence: {}", quoted(&confidence.id))?;
        }
        if let Some(actor) = &label.actor {
            writeln!(out, "  actor: {}", quoted(actor))?;
        }
        if let Some(day) = label.lastmod {
            writeln!(out, "  lastmod: {day}")?;
        }
        if let Some(definer) = label.is_cluster_definer {
            writeln!(out, "  is_cluster_definer: {definer}")?;
        }
        if let Some(kind) = &label.tag_type {
            writeln!(out, "  tag_type: {}", quoted(kind))?;
        }
        writeln!(out, "  context: {}", quoted(&with_own(label.context.as_deref(), &label.claim)))?;
        written += 1;
    }
    if written == 0 {
        writeln!(out, "tags: []")?;
    }
    out.flush()?;
    Ok(written)
}

/// The accepted labels as TagPacks, one for each pack that they were read from, under its title and creator: file names and
/// contents, in the order of the packs. A pack of which no label has a place in a TagPack gives none.
///
/// A file's name is what its pack's title leaves in lower-case ASCII, and the beginning of the pack's identity.
pub fn export_tagpacks<'a>(labels: impl IntoIterator<Item = &'a Label>) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut packs: BTreeMap<PackId, Vec<&Label>> = BTreeMap::new();
    for label in labels {
        packs.entry(label.pack.id).or_default().push(label);
    }
    let mut files = Vec::with_capacity(packs.len());
    for (id, labels) in packs {
        let info = &labels[0].pack;
        let title = if info.title.is_empty() { &info.series } else { &info.title };
        let creator = info.creator.as_deref().unwrap_or("Athar");
        let mut out = Vec::new();
        if export_tagpack(title, creator, labels.iter().copied(), &mut out)? > 0 {
            let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
            let mut name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
            name.truncate(60);
            files.push((format!("{name}-{}.yaml", &id.to_string()[..12]), out));
        }
    }
    Ok(files)
}

/// A text as a double-quoted YAML scalar in printable ASCII, except letters: what YAML would end a line at, direction
/// marks and other unseen characters are escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            _ if c.is_alphanumeric() => out.push(c),
            _ => out.extend(format!("\\U{:08X}", u32::from(c)).chars()),
        }
    }
    out.push('"');
    out
}
