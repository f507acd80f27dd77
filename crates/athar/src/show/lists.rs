//! Official lists as text.

use super::words::{grouped, plain_table, safe};
use athar_engine::lists::{Answer, EntrySummary, ListImport, ListVersion, WalletSummary};
use athar_engine::read::{ListDiffView, ListEntryView, ListedView, ListsFoundView, ListsView};
use std::fmt::Write;

/// Defects of a kind that are shown; JSON has them all.
const DEFECTS_SHOWN: usize = 4;

fn day(day: Option<impl ToString>) -> String {
    day.map_or_else(|| "unknown".into(), |day| day.to_string())
}

pub(crate) fn lists(view: &ListsView) -> String {
    if view.versions.is_empty() {
        return "no list was imported; `athar lists import FILE` does".into();
    }
    let row = |v: &athar_engine::read::ListVersionView| {
        let ListVersion { version, info, known_from, .. } = &v.version;
        vec![
            safe(&info.list),
            day(info.as_of),
            if v.newest { "newest".into() } else { String::new() },
            grouped(info.entries),
            grouped(info.defects),
            info.format.to_string(),
            known_from.to_string(),
            version[..12].into(),
            info.source_hash[..12].into(),
            info.origin.as_deref().map(safe).unwrap_or_default(),
        ]
    };
    let header = ["list", "of", "", "entries", "defects", "format", "imported", "version", "source", "origin"];
    plain_table(&header, view.versions.iter().map(row).collect())
}

pub(crate) fn list_import(import: &ListImport) -> String {
    let info = &import.version.info;
    let mut out = format!(
        "{}: {} \"{}\" of {}: {} entries, {} defects, version {}",
        import.path.display(),
        info.format,
        safe(&info.title),
        day(info.as_of),
        grouped(info.entries),
        grouped(info.defects),
        import.version.name()
    );
    if import.already_stored {
        out.push_str("\n  the same content is stored already: nothing changed");
    } else if !import.is_newest {
        out.push_str("\n  kept; a newer version of the list is there");
    }
    if info.as_of.is_none() {
        out.push_str("\n  the file gives no date: that of the version is unknown (`--as-of` says it)");
    }
    for note in &import.report.notes {
        let _ = write!(out, "\n  note: {}", safe(note));
    }
    for (kind, count) in &import.report.defects_by_kind {
        let _ = write!(out, "\n  {kind}: {}", grouped(*count));
        for defect in import.report.defects.iter().filter(|d| d.kind == *kind).take(DEFECTS_SHOWN) {
            let _ = write!(out, "\n    line {}: {} [{}]", defect.line, defect.id, defect.text);
        }
    }
    out
}

pub(crate) fn list_entry(view: &ListEntryView) -> String {
    let entry = &view.entry;
    let mut out = format!("{} {}, {}\n", safe(&view.version.info.list), safe(&entry.id), entry.kind.name());
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "  {name:<12} {}", safe(value));
    };
    for name in &entry.names {
        line("name", &format!("{} ({}, {})", name.text, name.kind.name(), name.quality.name()));
    }
    for born in &entry.births {
        line("born", &born.as_written);
    }
    for (name, texts) in [
        ("born in", &entry.birth_places),
        ("country", &entry.countries),
        ("address", &entry.addresses),
        ("programme", &entry.programs),
    ] {
        for text in texts {
            line(name, text);
        }
    }
    for id in &entry.identifiers {
        let rest = [id.country.as_deref(), id.note.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        line(&id.kind, &format!("{} {rest}", id.value));
    }
    for wallet in &entry.wallets {
        line("wallet", &format!("{} {}", wallet.asset, wallet.address));
    }
    line("listed", &day(entry.listed_on));
    if let Some(out) = entry.delisted_on {
        line("delisted", &out.to_string());
    }
    line("updated", &day(entry.updated_on));
    if let Some(remarks) = &entry.remarks {
        line("remarks", remarks);
    }
    for detail in &entry.details {
        line(&detail.name, &detail.value);
    }
    line("source", &format!("{}, line {}, version {}", view.version.file, entry.line, view.version.name()));
    out
}

pub(crate) fn list_diff(view: &ListDiffView) -> String {
    let diff = &view.diff;
    let mut out = format!(
        "{} of {} -> {} of {}\n",
        safe(&diff.old.list),
        day(diff.old.as_of),
        safe(&diff.new.list),
        day(diff.new.as_of)
    );
    if diff.entries_compared {
        let _ = writeln!(
            out,
            "entries: {} added, {} removed, {} changed, {} unchanged",
            diff.added.len(),
            diff.removed.len(),
            diff.changed.len(),
            diff.unchanged
        );
    } else {
        out.push_str("one of the two lists no entries, only addresses: addresses alone are compared\n");
    }
    let _ = writeln!(
        out,
        "addresses: {} added, {} removed, {} unchanged",
        diff.wallets_added.len(),
        diff.wallets_removed.len(),
        diff.wallets_unchanged
    );
    let entry = |sign: char, e: &EntrySummary| {
        format!("{sign} {} {} {}\n", safe(&e.id), e.kind.name(), e.name.as_deref().map(safe).unwrap_or_default())
    };
    diff.added.iter().for_each(|e| out.push_str(&entry('+', e)));
    diff.removed.iter().for_each(|e| out.push_str(&entry('-', e)));
    for change in &diff.changed {
        let _ = writeln!(out, "~ {} {}", safe(&change.id), change.name.as_deref().map(safe).unwrap_or_default());
        for field in &change.fields {
            let side = |texts: &[String]| if texts.is_empty() { "(none)".into() } else { safe(&texts.join("; ")) };
            let _ = writeln!(out, "    {}: {} -> {}", safe(&field.field), side(&field.old), side(&field.new));
        }
    }
    let wallet = |sign: char, w: &WalletSummary| {
        let of = if diff.entries_compared { w.entries.join(", ") } else { String::new() };
        format!("{sign} address {} {} {}", safe(&w.address), safe(&w.assets.join(", ")), safe(&of))
            .trim_end()
            .to_owned()
            + "\n"
    };
    diff.wallets_added.iter().for_each(|w| out.push_str(&wallet('+', w)));
    diff.wallets_removed.iter().for_each(|w| out.push_str(&wallet('-', w)));
    out
}

pub(crate) fn listed(view: &ListedView) -> String {
    let listed = &view.listed;
    let answer = match listed.answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Unknown => "unknown",
    };
    let name = listed.name.as_deref().map(|name| format!(" ({})", safe(name))).unwrap_or_default();
    let mut out = format!("{} {}{name} on {}: {answer}\n", safe(&listed.list), safe(&listed.id), listed.day);
    let _ = writeln!(out, "  because {}", safe(&listed.reason));
    for p in &listed.evidence {
        let stands = if p.present { "stands in it" } else { "does not" };
        let _ = write!(out, "  version {} of {}: {stands}", &p.version[..12], day(p.as_of));
        if p.present {
            let _ = write!(out, ", listed on {}", day(p.listed_on));
        }
        if let Some(gone) = p.delisted_on {
            let _ = write!(out, ", delisted on {gone}");
        }
        out.push('\n');
    }
    out
}

pub(crate) fn lists_found(view: &ListsFoundView) -> String {
    if view.found.is_empty() {
        return format!("{}: on no imported list; that is no clean bill, only nothing known", safe(&view.value));
    }
    let row = |f: &athar_engine::lists::Found| {
        vec![
            safe(&f.list),
            safe(&f.id),
            f.name.as_deref().map(safe).unwrap_or_default(),
            f.kind.clone(),
            safe(&f.value),
            f.of.as_deref().map(safe).unwrap_or_default(),
            safe(&f.programs.join(", ")),
            day(f.as_of),
        ]
    };
    plain_table(
        &["list", "entry", "name", "kind", "value", "of", "programme", "list of"],
        view.found.iter().map(row).collect(),
    )
}
