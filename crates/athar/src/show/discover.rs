//! Published addresses as text: what was fetched, found, recorded, and the campaigns they make.

use super::words::{grouped, plain_table, safe, size};
use athar_collect::{Collected, Outcome, Summary};
use athar_engine::UnixTime;
use athar_engine::discovery::{Found, Problem};
use athar_engine::read::{CampaignLine, CampaignsView, ItemView, SightingView, SightingsCustodyView, SightingsView};
use athar_engine::sightings::{CustodyEntry, DateSource};
use athar_engine::solicitation::Language;
use athar_engine::write::DiscoverSummary;

pub(crate) fn collected(collected: &Collected) -> String {
    let what = match collected.outcome {
        Outcome::Stored => "stored",
        Outcome::Cut => "cut",
        Outcome::Forbidden => "forbidden",
        Outcome::Failed => "failed",
    };
    let mut line = format!("{what:<10} {}", safe(&collected.url));
    if let Some(status) = collected.status {
        line.push_str(&format!("  status {status}, {}", size(collected.bytes)));
    }
    if let Some(hash) = &collected.sha256 {
        line.push_str(&format!(", sha256 {}…", &hash[..16]));
    }
    if let Some(location) = &collected.location {
        line.push_str(&format!("  -> {}", safe(location)));
    }
    if let Some(why) = &collected.why {
        line.push_str(&format!("  ({})", safe(why)));
    }
    line
}

pub(crate) fn fetched(summary: &Summary) -> String {
    format!(
        "{} of {} URLs stored in {}; {} forbidden by robots.txt, {} without an answer",
        grouped(summary.stored as u64),
        grouped(summary.urls as u64),
        summary.archive.display(),
        grouped(summary.forbidden as u64),
        grouped(summary.failed as u64)
    )
}

/// One find in a line, its passage's reasons below it where they speak.
pub(crate) fn found(found: &Found) -> String {
    let chain = found.chain.map(|chain| format!(" {chain}")).unwrap_or_default();
    let value = if found.value.is_empty() { "(not shown)".into() } else { safe(&found.value) };
    let mut line = format!("{}{chain}  {value}", found.kind.name());
    if found.masked {
        line.push_str(" (masked)");
    }
    if !found.valid {
        line.push_str("  form only");
    }
    let manner: Vec<String> = found.manner.iter().filter_map(json_word).collect();
    if !manner.is_empty() {
        line.push_str(&format!("  written {}", manner.join(", ")));
    }
    line.push_str(&format!("\n    {}", place(&found.file, found.member.as_deref(), found.offset, found.page)));
    if let Some(posted) = &found.posted {
        let channel = posted.channel.as_deref().map(safe).unwrap_or_default();
        let zone = if posted.zone_known { "" } else { " (zone unknown)" };
        line.push_str(&format!(
            "\n    posted {}{zone} {channel}",
            posted.at.as_deref().unwrap_or("at an unknown time")
        ));
    }
    let solicitation = &found.solicitation;
    if solicitation.score > 0 {
        let verdict = if solicitation.solicits { "solicits" } else { "below the threshold" };
        let language = found.segment_language.unwrap_or("?");
        line.push_str(&format!("\n    score {} ({verdict}), {language}", solicitation.score));
        for reason in &solicitation.reasons {
            line.push_str(&format!("\n      {}", safe(&reason.words_in(Language::En))));
        }
    }
    if let Some(excerpt) = &found.excerpt {
        line.push_str(&format!("\n    … {} …", safe(&one_line(excerpt))));
    }
    line
}

fn json_word(value: &impl serde::Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn place(file: &str, member: Option<&str>, offset: Option<u64>, page: Option<u32>) -> String {
    let mut place = safe(file);
    if let Some(member) = member {
        place.push_str(&format!(" > {}", safe(member)));
    }
    if let Some(page) = page {
        place.push_str(&format!(", page {page}"));
    }
    if let Some(offset) = offset {
        place.push_str(&format!(", byte {offset}"));
    }
    place
}

pub(crate) fn problem(problem: &Problem) -> String {
    let place = place(&problem.file, problem.member.as_deref(), problem.offset, None);
    format!("{place}: {} ({})", safe(&problem.words), json_word(&problem.kind).unwrap_or_default())
}

pub(crate) fn discovered(summary: &DiscoverSummary) -> String {
    let totals = &summary.totals;
    let mut text = format!(
        "{} files, {} documents, {} of text: {} finds, {} of them in passages that solicit",
        grouped(totals.files),
        grouped(totals.documents),
        size(totals.text_bytes),
        grouped(totals.finds),
        grouped(totals.soliciting)
    );
    if totals.files_known + totals.documents_known > 0 {
        text.push_str(&format!(
            "; {} files and {} documents were recorded before and not read again",
            grouped(totals.files_known),
            grouped(totals.documents_known)
        ));
    }
    if totals.problems > 0 {
        text.push_str(&format!("; {} places could not be read", grouped(totals.problems)));
    }
    if summary.group_names == 0 {
        text.push_str("\nno list of groups is imported, so no named group counts; `athar lists import` brings them");
    }
    if !summary.recorded {
        text.push_str("\nnothing was recorded; --record keeps it for `athar sightings` and `athar campaigns`");
    }
    text
}

pub(crate) fn sightings(view: &SightingsView) -> String {
    if view.sightings.is_empty() {
        return "no sighting fits; that says nothing but that nothing recorded does".into();
    }
    let mut text: Vec<String> = view.sightings.iter().map(sighting).collect();
    for unreadable in &view.unreadable {
        text.push(format!("document {}: cannot be decrypted: {}", unreadable.item, safe(&unreadable.what)));
    }
    if let Some(next) = view.next {
        text.push(format!("more: --offset {next}"));
    }
    text.join("\n")
}

fn sighting(seen: &SightingView) -> String {
    let chain = seen.chain.map(|chain| format!(" {chain}")).unwrap_or_default();
    let value = if seen.value.is_empty() { "(not kept)".into() } else { safe(&seen.value) };
    let dated = match seen.dated {
        DateSource::Posted if seen.zone_known => "posted",
        DateSource::Posted => "posted (zone unknown)",
        DateSource::Captured => "captured",
        DateSource::Read => "read",
    };
    let mut line = format!("{}{chain}  {value}{}", seen.kind, if seen.masked { " (masked)" } else { "" });
    line.push_str(&format!("\n    document {}, {dated} {}", seen.item, seen.time));
    let places = [seen.channel.as_deref(), seen.site.as_deref()].into_iter().flatten().map(safe);
    for place in places {
        line.push_str(&format!(", {place}"));
    }
    let solicitation = &seen.solicitation;
    let verdict = if solicitation.solicits { "solicits" } else { "does not reach the threshold" };
    line.push_str(&format!("\n    score {} ({verdict})", solicitation.score));
    line.push_str(&format!("\n    … {} …", safe(&one_line(&seen.excerpt))));
    line
}

pub(crate) fn sighted_item(view: &ItemView) -> String {
    let item = &view.item;
    let mut text =
        format!("document {}: {} {}\n", item.id, item.kind, place(&item.file, item.member.as_deref(), None, None));
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("  {name:<10} {}\n", safe(&value)));
        }
    };
    line("title", item.title.clone());
    line("published", item.uri.clone());
    line("channel", item.channel.clone());
    line("captured", item.captured.map(|time| time.to_string()));
    line("sha256", item.sha256.map(|hash| hash.iter().map(|b| format!("{b:02x}")).collect()));
    line("bytes", Some(grouped(item.bytes)));
    line("picture", item.picture_hash.map(|hash| format!("{hash:016x}")));
    line("read by", Some(item.tool.clone()));
    line("copy", Some(if item.original_kept { "kept" } else { "not kept" }.into()));
    line("replaced", item.superseded_by.map(|id| format!("by document {id}")));
    for near in &view.resembles {
        line("resembles", Some(format!("document {} ({}, {:.2})", near.item, near.how, near.similarity)));
    }
    for entry in &view.custody {
        line("custody", Some(entry_line(entry)));
    }
    for seen in &view.sightings {
        text.push_str(&sighting(seen));
        text.push('\n');
    }
    if view.sightings_truncated {
        text.push_str("more sightings: athar sightings --json\n");
    }
    text
}

fn entry_line(entry: &CustodyEntry) -> String {
    let item = entry.item.map(|id| format!(" document {id}")).unwrap_or_default();
    let action = json_word(&entry.action).unwrap_or_else(|| format!("{:?}", entry.action));
    format!(
        "{} {}{item} {action} by {} {} [{}…]",
        entry.seq,
        UnixTime(u32::try_from(entry.time.max(0)).unwrap_or(u32::MAX)),
        safe(&entry.operator),
        safe(&entry.details),
        &entry.hash[..12]
    )
}

pub(crate) fn custody(view: &SightingsCustodyView) -> String {
    let mut text: Vec<String> = view.page.iter().map(entry_line).collect();
    if view.check.wrong.is_empty() {
        text.push(format!(
            "{} entries, every one follows the one before; head {}",
            grouped(view.check.entries),
            view.check.head
        ));
    } else {
        text.extend(view.check.wrong.iter().map(|wrong| format!("WRONG: {}", safe(wrong))));
    }
    text.join("\n")
}

pub(crate) fn campaigns(view: &CampaignsView) -> String {
    let mut text = String::new();
    if view.campaigns.is_empty() {
        text.push_str("no campaign: nothing recorded both solicits and has an address\n");
    } else {
        let row = |line: &CampaignLine| {
            vec![
                line.id.clone(),
                line.first[..10].into(),
                line.last[..10].into(),
                grouped(line.units),
                grouped(line.soliciting),
                line.score_max.to_string(),
                grouped(line.addresses_total),
                safe(line.addresses.first().map_or("", String::as_str)),
                safe(&line.places.join(", ")),
            ]
        };
        let header =
            ["campaign", "first", "last", "published", "soliciting", "score", "addresses", "first address", "where"];
        text.push_str(&plain_table(&header, view.campaigns.iter().map(row).collect()));
        text.push('\n');
    }
    text.push_str(&format!(
        "{} campaigns from {} documents and messages; {} only quote and {} list many addresses: these tie nothing\n",
        grouped(view.total),
        grouped(view.units),
        grouped(view.quoting),
        grouped(view.lists)
    ));
    for note in &view.notes {
        text.push_str(&format!("note: {}\n", safe(&note.en)));
    }
    text
}
