//! `athar demo`: the whole job on an invented world, told as a story.
//!
//! Nothing is taken from outside and nothing is known in advance: the world is simulated, read from its block files as a
//! node's would be, labelled with what an analyst would know, and asked. Only at the end is the simulator's own record
//! opened, to hold the answer against the truth.

use crate::Outcome;
use crate::args::Demo;
use crate::commands::demo_desk::{self, Found};
use crate::commands::{ingest, simulate, today};
use crate::printer::Printer;
use crate::show::{self, btc, dollars_of_sum, grouped, money_of_sum};
use anyhow::Context;
use athar_engine::discovery::{Progress, Settings as LookSettings, walk};
use athar_engine::read::{
    CampaignView, EntityAnswer, LabelView, PatternHitView, PatternsOptions, Rules, ScreenOptions, ScreenView,
    TraceOptions, TraceView, campaign_view, patterns,
};
use athar_engine::write::{IngestSettings, MEMORY_BYTES, discover, import_labels, import_prices, import_rates};
use athar_engine::{Chain, Clustering, Engine, Options, PricesOptions, Usd};
use athar_report::{CaseReport, Language, SimulatedWorld, Title};
use athar_simulate::Settings;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Hops that the money is followed for: past the longest peel chain of the world.
const HOPS: u32 = 20;

/// What the demo found, for `--json`.
#[derive(Debug, Serialize)]
struct DemoView {
    seed: u64,
    txs: u64,
    target: String,
    screens: Vec<ScreenView>,
    entity: EntityAnswer,
    trace: TraceView,
    services: Vec<Service>,
    truth: Truth,
    campaign: CampaignView,
    patterns: Patterns,
    store: PathBuf,
    report: PathBuf,
}

/// Which typologies the address asked about shows.
#[derive(Debug, Serialize)]
struct Patterns {
    /// Rules that were run over the whole chain.
    rules: usize,
    /// Everything that they found.
    hits: usize,
    /// Hits that the address takes part in.
    own: Vec<OwnHit>,
}

#[derive(Debug, Serialize)]
struct OwnHit {
    /// The rule's name for people.
    title: String,
    #[serde(flatten)]
    hit: PatternHitView,
}

/// A service that the money reached.
#[derive(Debug, Serialize)]
struct Service {
    name: String,
    category: String,
    payments: u64,
    amount_sat: u64,
    /// Of the payments on days with a price; none where no day has one.
    usd: Option<Usd>,
    /// The part of `amount_sat` that `usd` leaves out.
    unpriced_sat: u64,
}

/// The answer beside the simulator's own record.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Truth {
    /// Donations to the address asked about, by the record, in satoshi.
    donated_sat: u64,
    /// What the trace started with.
    traced_sat: u64,
    /// Cash-outs of the campaign in the record.
    cash_outs: u64,
    /// Those that the trace reached, from this one address.
    cash_outs_reached: u64,
    /// Satoshi that the trace found on them.
    cash_outs_sat: u64,
    /// Cash-outs on which the trace found more than the record says is there: must be none.
    cash_outs_overstated: u64,
}

pub(crate) fn run(words: &Demo, printer: &Printer) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let out = match &words.out {
        Some(out) => out.clone(),
        None => std::env::temp_dir().join(format!("athar-demo-{}", std::process::id())),
    };
    let (world, store) = (out.join("world"), out.join("store"));
    std::fs::create_dir_all(&out).with_context(|| format!("cannot create {}", out.display()))?;
    let story = |text: &str| if printer.is_json() { Ok(()) } else { printer.data(text) };

    story("Athar demo: an invented world, no outside data, no network\n\n")?;
    let written = simulate::with_progress(&Settings::economy(words.seed, words.txs, &world), printer)?;
    story(&format!(
        "1  A world      {} transactions in {} blocks: people, exchanges, a market, a mixer, charities,\n\
         {:16}and {} campaigns and innocent look-alikes hidden among them (seed {})\n",
        grouped(written.txs),
        grouped(written.blocks),
        "",
        written.campaigns,
        words.seed
    ))?;
    let settings =
        IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings: vec![Clustering::default()] };
    let summary = ingest::with_progress(&store, Chain::Bitcoin, &world.join("blocks"), settings, printer)?;
    story(&format!(
        "2  The ledger   {} blocks read from block files, every merkle root and proof of work checked\n\
         3  Entities     {} by {}\n",
        grouped(summary.blocks_added),
        grouped(summary.entities),
        summary.heuristics
    ))?;
    let labels = import_labels(&store, &[world.join("analyst/labels.csv")], today(), None)?;
    if let Some(refused) = labels.refused.into_iter().next() {
        return Err(refused.into());
    }
    let prices = PricesOptions { today: today(), ..PricesOptions::default() };
    import_prices(&store, &[world.join("analyst/prices.csv")], &prices)?;
    let engine = Engine::open(&store, &Options::default())?;
    let known = engine.labels(None, athar_engine::read::LabelsOf::InUse, 0, usize::MAX)?.labels;
    story(&format!("4  Labels       {}: what an analyst would know\n\n", known.len()))?;

    let target = listed(&known).context("the world has no listed campaign")?.clone();
    let screens = [Some(&target), innocent(&known)]
        .into_iter()
        .flatten()
        .map(|label| engine.screen(&label.subject, &ScreenOptions::default()))
        .collect::<Result<Vec<_>, _>>()?;
    let page = engine.entity(&target.subject, 0, None)?.context("the listed address is not on the chain")?;
    let options = TraceOptions { hops_max: HOPS, ..TraceOptions::default() };
    let trace = engine.trace(&target.subject, &options)?.context("the listed address is not on the chain")?;
    let origin = engine.trace(&target.subject, &TraceOptions { backward: true, hops_max: 1, ..options })?;
    let services = services(&trace);
    let truth = hold_against_truth(&world, &target.subject, &trace)?;
    story(&tell(&screens, &page, &trace, &services, &truth))?;
    let campaign = find_campaign(&out, &store, &engine, &target.subject)?;
    story(&tell_campaign(&campaign, &out))?;
    let patterns = find_patterns(&world, &store, &target.subject)?;
    story(&tell_patterns(&patterns))?;

    let report = out.join("report.html");
    let explain = match page.addresses.iter().find(|a| **a != target.subject) {
        Some(other) => engine.explain(&target.subject, other)?,
        None => None,
    };
    let html = athar_report::render(&CaseReport {
        title: Title {
            english: "A donation campaign and its cash-out", arabic: "حملة تبرعات وصرف عائداتها"
        },
        simulated: Some(SimulatedWorld { seed: words.seed, txs: written.txs }),
        status: &engine.status()?,
        screens: &screens,
        entity: Some(&page),
        explain: explain.as_ref(),
        trace: &trace,
        origin: origin.as_ref(),
        reproduce: &[
            format!("athar simulate --seed {} --txs {} --out world", words.seed, words.txs),
            "athar --store store ingest bitcoin --blocks world/blocks".into(),
            "athar --store store labels import world/analyst/labels.csv".into(),
            "athar --store store prices import world/analyst/prices.csv".into(),
        ],
        opens_in: Language::English,
    })?;
    std::fs::write(&report, html).with_context(|| format!("cannot write {}", report.display()))?;
    let found = Found {
        address: target.subject.clone(),
        other: page.addresses.iter().find(|a| **a != target.subject).cloned(),
        donated_sat: truth.traced_sat,
        service: services.first().and_then(|service| {
            let places = trace.stopped.iter().filter(|place| place.label.as_ref() == Some(&service.name));
            let largest = places.max_by_key(|place| place.amount_sat)?;
            Some((service.name.clone(), service.amount_sat, service.payments, largest.txid.clone()))
        }),
        campaign: campaign.campaign.id.clone(),
        published: campaign.campaign.units_total as u64,
        patterns: {
            let mut ids: Vec<String> = patterns.own.iter().map(|own| own.hit.pattern.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        },
        hops: HOPS,
    };
    if printer.is_json() && !words.serve {
        let view = DemoView {
            seed: words.seed,
            txs: written.txs,
            target: target.subject,
            screens: screens.clone(),
            entity: page,
            trace,
            services,
            truth,
            campaign,
            patterns,
            store,
            report,
        };
        printer.view(&view, |_| String::new())?;
        return Ok(Outcome::Done);
    }
    story(&format!(
        "\nThe whole story with every transaction, in English and Arabic:\n  {3}\n\
         Ask the store yourself:\n  athar --store {0} screen {1}\n  athar --store {0} campaigns {1} --language ar\n\
         \x20 athar --store {0} patterns run --only static-donation-address --lang ar\n\n{2:.1} s in all\n",
        store.display(),
        target.subject,
        begun.elapsed().as_secs_f64(),
        report.display()
    ))?;
    if words.serve {
        // what the story opened is closed: the desk opens the store for itself
        drop(engine);
        return demo_desk::serve(&store, words, &found, printer);
    }
    Ok(Outcome::Done)
}

/// Writes what an investigator would have collected (an export of a channel, a page, a report in the news), has it read
/// like any other, and asks what was published.
fn find_campaign(out: &Path, store: &Path, engine: &Engine, address: &str) -> anyhow::Result<CampaignView> {
    let collected = out.join("collected");
    let first = engine.address(address, 0, Some(1))?.context("the address is not on the chain")?.first_time;
    // the appeal is of the day of the first gift
    let messages = serde_json::json!([
        { "id": 1, "type": "message", "date": format!("{}T00:00:00", &first[..10]), "date_unixtime": day_seconds(&first)?,
          "from": "قناة المثال", "from_id": "channel1",
          "text": format!("تبرعوا لإخوانكم المقاتلين في الجبهة بالبيتكوين على هذا العنوان: {address}") },
        { "id": 2, "type": "message", "date": format!("{}T08:00:00", &first[..10]), "from": "قناة المثال", "from_id": "channel1",
          "text": "صباح الخير" },
    ]);
    let export = serde_json::json!({ "name": "قناة المثال", "type": "public_channel", "id": 1, "messages": messages });
    let page = format!(
        "<html lang=\"en\"><title>Support the fighters</title><body><h1>Donate bitcoin to the brothers at the front</h1>\
         <p>Weapons are needed. Send to <b>{address}</b></p></body></html>"
    );
    let news = format!(
        "Reporters read court papers on the appeal: prosecutors say that the group asked followers to donate to {address} for \
         weapons."
    );
    std::fs::create_dir_all(&collected).with_context(|| format!("cannot create {}", collected.display()))?;
    for (name, text) in [("result.json", export.to_string()), ("page.html", page), ("news.txt", news)] {
        let path = collected.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let settings = LookSettings { test_networks: true, operator: Some("demo".into()), ..LookSettings::default() };
    let (files, _) = walk(&[collected], store);
    discover(store, &files, &settings, true, &Progress::default(), |_| true)?;
    let engine = std::sync::Arc::new(Engine::open(store, &Options::default())?);
    let mut engine_of = |chain: Chain| Ok((chain == engine.chain()).then(|| std::sync::Arc::clone(&engine)));
    campaign_view(store, address, false, &mut engine_of)?.context("no campaign was found in what was collected")
}

/// The first second of the day of a time, as exports write it.
fn day_seconds(time: &str) -> anyhow::Result<String> {
    let day: athar_engine::Day = time[..10].parse().map_err(|e| anyhow::anyhow!("{time}: {e}"))?;
    Ok((i64::from(day.0) * 86_400).to_string())
}

fn tell_campaign(view: &CampaignView, out: &Path) -> String {
    let campaign = &view.campaign;
    let mut text = format!(
        "\nWhere it was published: {} documents and messages in {}, {} of them solicit; {} only report and tie nothing.\n",
        campaign.units_total,
        out.join("collected").display(),
        campaign.soliciting_total,
        campaign.mentions.len()
    );
    if let Some(first) = &view.first_donation {
        let _ = writeln!(
            text,
            "  {} published on {}, first donation on {}",
            first.address,
            &first.published[..10],
            &first.receipt.time[..10]
        );
    }
    text
}

/// Runs every rule over the whole chain, with what was published by now.
fn find_patterns(world: &Path, store: &Path, address: &str) -> anyhow::Result<Patterns> {
    // limits in euros are silent without a rate
    import_rates(store, &world.join("analyst/fx.csv"))?;
    let titles: BTreeMap<String, String> =
        patterns(&Rules::Shipped)?.patterns.into_iter().map(|rule| (rule.id, rule.title)).collect();
    let engine = Engine::open(store, &Options::default())?;
    let found = engine.patterns_run(&Rules::Shipped, &PatternsOptions::default())?;
    let is_told = |hit: &&PatternHitView| hit.severity > athar_engine::Level::None;
    let (rules, hits) = (found.rules.len(), found.hits.iter().filter(is_told).count());
    let is_own = |hit: &PatternHitView| hit.subject == address || hit.addresses.iter().any(|own| own == address);
    let own = found.hits.into_iter().filter(is_own);
    let own = own.map(|hit| OwnHit { title: titles.get(&hit.pattern).cloned().unwrap_or_default(), hit }).collect();
    Ok(Patterns { rules, hits, own })
}

fn tell_patterns(patterns: &Patterns) -> String {
    let mut text = format!(
        "\nWhich typologies it shows ({} rules over the whole chain, {} hits; those that the address takes part in):\n",
        patterns.rules,
        grouped(patterns.hits as u64)
    );
    let row = |own: &OwnHit| {
        vec![
            format!("  {}", own.hit.row),
            own.title.clone(),
            own.hit.severity.name().into(),
            own.hit.start[..10].into(),
        ]
    };
    let rows = patterns.own.iter().map(row).collect();
    let _ = writeln!(text, "{}", show::plain_table(&["  row", "typology", "severity", "from"], rows));
    // that it is listed was said above: of what is left the gravest, of equal ones the one with most to show
    let told = patterns.own.iter().filter(|own| own.hit.row > 3);
    if let Some(own) = told.max_by_key(|own| (own.hit.severity, own.hit.uncapped_severity, own.hit.txids.len())) {
        let _ = writeln!(text, "  {}: {}", own.hit.pattern, show::safe(&own.hit.why));
        let _ = writeln!(text, "  A pattern is a shape with its proof. It is never a finding about a person.");
    }
    text
}

/// The first campaign address that a list designates.
fn listed(labels: &[LabelView]) -> Option<&LabelView> {
    labels.iter().find(|l| l.category.name() == "terrorist_financing" && l.basis.can_be_severe())
}

/// A charity, which collects donations just as a campaign does.
fn innocent(labels: &[LabelView]) -> Option<&LabelView> {
    labels.iter().find(|l| l.category.name() == "humanitarian_organisation")
}

/// What reached each service, the largest sum first.
fn services(trace: &TraceView) -> Vec<Service> {
    let mut by_name: BTreeMap<(String, String), Service> = BTreeMap::new();
    for place in trace.stopped.iter().filter(|p| p.reason == "service") {
        let (Some(name), Some(category)) = (&place.label, &place.category) else { continue };
        let service = by_name.entry((name.clone(), category.clone())).or_insert_with(|| Service {
            name: name.clone(),
            category: category.clone(),
            payments: 0,
            amount_sat: 0,
            usd: None,
            unpriced_sat: 0,
        });
        service.payments += 1;
        service.amount_sat += place.amount_sat;
        match place.usd {
            Some(usd) => service.usd = Some(Usd(service.usd.map_or(0, |sum| sum.0).saturating_add(usd.0))),
            None => service.unpriced_sat += place.amount_sat,
        }
    }
    let mut services: Vec<Service> = by_name.into_values().collect();
    services.sort_by(|a, b| b.amount_sat.cmp(&a.amount_sat).then_with(|| a.name.cmp(&b.name)));
    services
}

/// Opens the simulator's record, which nothing above has read.
fn hold_against_truth(world: &Path, address: &str, trace: &TraceView) -> anyhow::Result<Truth> {
    let path = world.join("truth/campaigns.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let record: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{}", path.display()))?;
    let rows = |v: &serde_json::Value, key: &str| v[key].as_array().cloned().unwrap_or_default();
    let campaigns = rows(&record, "campaigns");
    let campaign = campaigns
        .iter()
        .find(|c| rows(c, "published").iter().any(|p| p == address))
        .with_context(|| format!("{} knows no campaign of {address}", path.display()))?;
    let donated =
        rows(campaign, "sources").iter().filter(|s| s["address"] == address).filter_map(|s| s["sat"].as_u64()).sum();
    let mut truth = Truth {
        donated_sat: donated,
        traced_sat: trace.source_sat,
        cash_outs: 0,
        cash_outs_reached: 0,
        cash_outs_sat: 0,
        cash_outs_overstated: 0,
    };
    for cash_out in rows(campaign, "cash_outs") {
        truth.cash_outs += 1;
        let is_it = |p: &&athar_engine::read::PlaceView| {
            cash_out["txid"] == p.txid.as_str() && cash_out["vout"].as_u64() == Some(u64::from(p.vout))
        };
        if let Some(place) = trace.stopped.iter().find(is_it) {
            truth.cash_outs_reached += 1;
            truth.cash_outs_sat += place.amount_sat;
            truth.cash_outs_overstated += u64::from(cash_out["fifo_sat"].as_u64().is_none_or(|s| s < place.amount_sat));
        }
    }
    Ok(truth)
}

fn tell(
    screens: &[ScreenView],
    entity: &EntityAnswer,
    trace: &TraceView,
    services: &[Service],
    truth: &Truth,
) -> String {
    let mut out = String::new();
    for (screen, title) in screens.iter().zip([
        "Somebody asks about an address from an appeal for donations:",
        "A charity's address, which looks much the same on the chain:",
    ]) {
        let _ = writeln!(out, "{title}\n  {}\n  risk {}", screen.input, show::risk(screen.risk));
        let own = screen.statements.iter().filter(|s| s.direction.is_none());
        let first = screen.statements.iter().filter(|s| s.direction.is_some()).take(3);
        for statement in own.chain(first) {
            out.push_str(&show::headline(statement));
        }
        out.push('\n');
    }
    // a world that was just ingested has left no branch, so all of them are known
    if let (Some(received), Some(first), Some(last)) = (entity.received_sat, &entity.first_time, &entity.last_time) {
        let _ = writeln!(
            out,
            "Its entity has {} addresses and received {}, from {} to {}.",
            entity.size,
            btc(received),
            &first[..10],
            &last[..10]
        );
    }
    let _ = writeln!(
        out,
        "The address itself was paid {}. Where that went (FIFO, {} transactions deep at most):",
        money_of_sum(trace.source_sat, trace.source_usd, trace.source_unpriced_sat),
        trace.hops_max
    );
    let mut rows: Vec<Vec<String>> = services
        .iter()
        .map(|s| {
            let payments = if s.payments == 1 { "1 payment".into() } else { format!("{} payments", s.payments) };
            let worth = dollars_of_sum(s.usd, s.unpriced_sat);
            vec![format!("  {}", s.name), s.category.clone(), payments, btc(s.amount_sat), worth]
        })
        .collect();
    let at_services: u64 = services.iter().map(|s| s.amount_sat).sum();
    for (what, sat) in [
        ("  CoinJoins", trace.stopped_sat - at_services),
        ("  unspent", trace.held_sat),
        ("  fees", trace.fee_sat),
        ("  back to itself", trace.internal_sat + trace.returned_sat),
        ("  further than followed", trace.bounded_sat),
    ] {
        if sat > 0 {
            rows.push(vec![what.into(), String::new(), String::new(), btc(sat), String::new()]);
        }
    }
    rows.push(vec!["  sum".into(), String::new(), String::new(), btc(trace.source_sat), String::new()]);
    let _ = writeln!(out, "{}\n", show::plain_table(&["  where", "what", "", "amount", "then worth"], rows));
    let _ = writeln!(
        out,
        "Held against the simulator's own record, which nothing above has read:\n\
         \x20 donated to the address {}, traced {}: {}\n\
         \x20 {} of the campaign's {} cash-outs reached from this one address, with {}; overstated: {}",
        btc(truth.donated_sat),
        btc(truth.traced_sat),
        if truth.donated_sat == truth.traced_sat { "equal" } else { "DIFFERENT" },
        truth.cash_outs_reached,
        truth.cash_outs,
        btc(truth.cash_outs_sat),
        truth.cash_outs_overstated
    );
    out
}
