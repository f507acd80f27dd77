//! The torture set's rates, and the throughput on ordinary text of several kinds on one thread: prints its figures. Where `rg` is
//! on the path it searches the same files for the same forms in the same run.
//!
//! `ATHAR_BENCH_MB` sets the size of each text (32), `ATHAR_BENCH_ROUNDS` the rounds of the torture set (20),
//! `ATHAR_BENCH_SEED` its seed (2026).
#![allow(missing_docs)] // a program

use athar_extract::torture::{Dice, FORMS, LANGUAGES, Score, cases, sentence};
use athar_extract::{Extractor, Kind};
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Instant;

const REPEATS: usize = 5;

/// Processor time of this thread, and of the programs it ran and waited for, in seconds: the figures of a machine that others use
/// too. Where the system does not tell (`/proc` of Linux does), the time by the clock.
fn processor_seconds(clock: Instant) -> (f64, f64) {
    let read = |path: &str, field: &[usize], unit: f64| {
        let text = std::fs::read_to_string(path).ok()?;
        let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
        field.iter().map(|n| fields.get(*n)?.parse::<f64>().ok()).sum::<Option<f64>>().map(|sum| sum * unit)
    };
    let clock = clock.elapsed().as_secs_f64();
    // of `stat`, after the name in parentheses: cutime and cstime are the 14th and 15th, in hundredths
    let own = read("/proc/thread-self/schedstat", &[0], 1e-9).unwrap_or(clock);
    (own, read("/proc/self/stat", &[13, 14], 1e-2).unwrap_or(clock))
}

/// Common words, for sentences that hold nothing.
const ENGLISH: &str = "the of and to in is was for that on with as are by this be from have were which not at but they an \
    had also been their more has other its after new first year city people time world when three between school used \
    state only under both during government university company national history system number several million market \
    report river county population America European Friday Parliament President London March Street Information";
const ARABIC: &str = "في من على إلى عن أن التي الذي هذا هذه كان كانت مع بعد قبل بين كل عام العام الأول الثاني مدينة المدينة \
    الدولة الحكومة الرئيس مجلس العالم تاريخ السوق الماء الناس الكتاب جامعة شركة جديد كبير خلال منذ حيث لكن أكثر غير يوم شهر";
const RUSSIAN: &str = "в и на с по не что из его для от был это как к до за он также году после были время при город она или \
    века более первый новый людей мире компании история система рынок университет правительства население улица Москва Россия \
    Европы президент который может между только через всего начал часть число";

fn words(list: &'static str, megabytes: usize, every: usize, dice: &mut Dice) -> String {
    let words: Vec<&str> = list.split_whitespace().collect();
    let wanted = megabytes << 20;
    let mut text = String::with_capacity(wanted + 256);
    let mut next = every;
    while text.len() < wanted {
        let length = 6 + dice.below(14);
        for n in 0..length {
            if n > 0 {
                text.push(' ');
            }
            text.push_str(words[dice.below(words.len())]);
            if dice.below(12) == 0 {
                text.push(',');
            }
        }
        text.push_str(if dice.below(6) == 0 { ".\n\n" } else { ". " });
        if dice.below(9) == 0 {
            text.push_str(&format!("{} ", 1 + dice.below(2030)));
        }
        if text.len() >= next {
            next += every;
            text.push_str(&planted(dice));
        }
    }
    text
}

fn planted(dice: &mut Dice) -> String {
    let addresses: Vec<_> = FORMS.into_iter().filter(|f| f.kind == Kind::Address).collect();
    let form = dice.pick(&addresses);
    let made = form.make(dice, "en");
    sentence(dice.pick(&LANGUAGES), "coin", &made.text, dice) + "\n"
}

fn table(megabytes: usize, every: usize, dice: &mut Dice) -> String {
    let wanted = megabytes << 20;
    let mut text = String::from("date,amount,count,reference,rate,city,status\n");
    let mut next = every;
    while text.len() < wanted {
        text.push_str(&format!(
            "20{:02}-{:02}-{:02},{}.{:02},{},{},0.{:05},{},{}\n",
            dice.below(24),
            1 + dice.below(12),
            1 + dice.below(28),
            dice.below(100_000),
            dice.below(100),
            dice.below(1_000_000),
            1_000_000 + dice.below(90_000_000),
            dice.below(100_000),
            dice.pick(&["London", "Ankara", "Beirut", "Paris", "Kazan"]),
            dice.pick(&["open", "closed", "pending"]),
        ));
        if text.len() >= next {
            next += every;
            text.push_str(&planted(dice));
        }
    }
    text
}

/// What ripgrep is asked for: the plain forms of the addresses, without any check.
const PATTERN: &str = r"(?-u:\b)(?:bc1[02-9ac-hj-np-z]{11,87}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9A-Fa-f]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|[LMDXGA79t][1-9A-HJ-NP-Za-km-z]{25,34}|ltc1[02-9ac-hj-np-z]{11,87}|[48][1-9A-HJ-NP-Za-km-z]{94}|r[1-9A-HJ-NP-Za-km-z]{24,34}|[EU][Qf][A-Za-z0-9_-]{46}|[GM][A-Z2-7]{55,68}|addr1[02-9ac-hj-np-z]{50,110}|zs1[02-9ac-hj-np-z]{75}|u1[02-9ac-hj-np-z]{100,500}|(?:bitcoincash:)?[qp][02-9ac-hj-np-z]{41})(?-u:\b)";

fn ripgrep(path: &std::path::Path) -> Option<f64> {
    let mut times = Vec::new();
    for _ in 0..REPEATS {
        let clock = Instant::now();
        let start = processor_seconds(clock).1;
        let status = Command::new("rg")
            .args(["-o", "--no-filename", "--no-line-number", "--threads", "1", "--text", PATTERN])
            .arg(path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok()?;
        // 1: nothing was found
        matches!(status.code(), Some(0 | 1)).then_some(())?;
        times.push(processor_seconds(clock).1 - start);
    }
    times.sort_by(f64::total_cmp);
    Some(times[times.len() / 2])
}

fn throughput(name: &str, text: &str, extractor: Extractor) {
    let megabytes = text.len() as f64 / 1e6;
    let (mut times, mut count, mut steps) = (Vec::new(), 0_u64, 0);
    for _ in 0..REPEATS {
        count = 0;
        let clock = Instant::now();
        let start = processor_seconds(clock).0;
        steps = extractor.scan(black_box(text), &mut |find| count += u64::from(black_box(find).kind == Kind::Address));
        times.push(processor_seconds(clock).0 - start);
    }
    times.sort_by(f64::total_cmp);
    let ours = megabytes / times[times.len() / 2];
    let path = std::env::temp_dir().join(format!("athar-extract-{}-{name}.txt", std::process::id()));
    let theirs = std::fs::write(&path, text).ok().and_then(|()| ripgrep(&path)).map(|seconds| megabytes / seconds);
    let _ = std::fs::remove_file(&path);
    let peer = theirs.map_or("ripgrep is not on the path".to_owned(), |rate| {
        format!("ripgrep {rate:6.0} MB/s, {:.1} times its rate", ours / rate)
    });
    println!(
        "{name:16} {ours:6.0} MB/s ({megabytes:.0} MB, {count} addresses, {:.2} steps a byte); {peer}",
        steps as f64 / text.len() as f64
    );
}

fn main() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (megabytes, rounds) = (number("ATHAR_BENCH_MB", 32), number("ATHAR_BENCH_ROUNDS", 20));
    let extractor = Extractor::default();
    let mut score = Score::default();
    let seed = number("ATHAR_BENCH_SEED", 2026);
    for case in cases(seed as u64, rounds) {
        score.count(&case, &extractor.finds(&case.text));
    }
    println!("torture set, seed {seed}, {rounds} rounds: found of planted");
    for (name, tally) in &score.forms {
        println!("  {name:20} {:6} of {:6}", tally.found, tally.planted);
    }
    for (disguise, tally) in &score.disguises {
        println!("  {:20} {:6} of {:6}", format!("{disguise:?}"), tally.found, tally.planted);
    }
    for (language, tally) in &score.languages {
        println!("  {language:20} {:6} of {:6}", tally.found, tally.planted);
    }
    for (name, (count, hit)) in &score.decoys {
        println!("  decoy {name:24} {hit:4} of {count:4} held a find");
    }
    let (recall, precision) = score.recall_and_precision();
    let total = score.total();
    println!(
        "recall {recall:.5} ({} of {}), precision {precision:.5} ({} wrong)",
        total.found, total.planted, score.wrong
    );
    for example in score.examples.iter().take(10) {
        println!("  {example}");
    }

    let mut dice = Dice::new(11);
    let every = 20 << 10;
    println!("one thread, median of {REPEATS} by processor time, an address every {} KiB", every >> 10);
    throughput("english", &words(ENGLISH, megabytes, every, &mut dice), extractor);
    throughput("arabic", &words(ARABIC, megabytes, every, &mut dice), extractor);
    throughput("russian", &words(RUSSIAN, megabytes, every, &mut dice), extractor);
    let parts: Vec<String> = (0..megabytes.div_ceil(3))
        .flat_map(|_| [ENGLISH, ARABIC, RUSSIAN].map(|list| words(list, 1, every, &mut dice)))
        .collect();
    throughput("mixed", &parts.concat(), extractor);
    throughput("csv of numbers", &table(megabytes, every, &mut dice), extractor);
    let hashes: String = (0..megabytes << 14).map(|_| dice.letters(63, b"0123456789abcdef") + "\n").collect();
    throughput("hashes only", &hashes, extractor);
    let addresses: String = (0..megabytes << 11).map(|_| planted(&mut dice)).collect();
    throughput("addresses only", &addresses, extractor);
}
