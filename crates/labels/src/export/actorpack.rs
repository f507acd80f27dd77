//! Actors as a GraphSense ActorPack.

use super::tagpack::quoted;
use crate::pack::Actor;
use std::io::Write;

/// Writes actors as one ActorPack and gives their number.
pub fn export_actorpack<'a>(
    title: &str,
    creator: &str,
    actors: impl IntoIterator<Item = &'a Actor>,
    mut out: impl Write,
) -> std::io::Result<u64> {
    writeln!(out, "title: {}", quoted(title))?;
    writeln!(out, "creator: {}", quoted(creator))?;
    let mut written = 0;
    for actor in actors {
        if written == 0 {
            writeln!(out, "actors:")?;
        }
        writeln!(out, "- id: {}", quoted(&actor.id))?;
        writeln!(out, "  label: {}", quoted(&actor.label))?;
        // GraphSense's schema wants this field and the categories, even where nothing is said
        writeln!(out, "  uri: {}", quoted(actor.uri.as_deref().unwrap_or_default()))?;
        for (field, texts) in
            [("categories", &actor.concepts), ("jurisdictions", &actor.jurisdictions), ("aliases", &actor.aliases)]
        {
            if !texts.is_empty() || field == "categories" {
                let texts: Vec<String> = texts.iter().map(|t| quoted(t)).collect();
                writeln!(out, "  {field}: [{}]", texts.join(", "))?;
            }
        }
        if let Some(day) = actor.lastmod {
            writeln!(out, "  lastmod: {day}")?;
        }
        if let Some(context) = &actor.context {
            writeln!(out, "  context: {}", flow(context))?;
        }
        written += 1;
    }
    if written == 0 {
        writeln!(out, "actors: []")?;
    }
    out.flush()?;
    Ok(written)
}

/// JSON as YAML, which it is but for letters outside ASCII: those stand only inside its strings, and are escaped there.
fn flow(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        match c {
            ' '..='~' => out.push(c),
            _ => out.extend(format!("\\U{:08X}", u32::from(c)).chars()),
        }
    }
    out
}
