//! Chats as WhatsApp exports them: `_chat.txt` and `WhatsApp Chat with NAME.txt`.
//!
//! A text in the language and the format of the phone: lines that begin with a date and a time begin a message, others go on with it.
//! The first mebibyte is looked at before reading, for two things that no line tells by itself: the order of day and month, and
//! which names contain a colon. Everything else is one pass in constant memory.

mod line;
mod names;
mod order;
mod words;

use crate::chat::said::{self, Placed, Said};
use crate::passage::Passage;
use crate::reader::{Desk, Hashing};
use crate::troubles::Troubles;
use crate::{Document, Message, SegmentKind, Stop, Trouble, TroubleKind};
use line::{Begin, Half, is_mark};
use names::Names;
use order::Decision;
use std::io::{BufRead, Read};
use std::ops::ControlFlow;

/// Bytes of the beginning that decide the order of dates.
const SAMPLE_BYTES: usize = 1 << 20;
/// Bytes of a line that are looked at together; a longer one is read piece by piece.
const LINE_BYTES_MAX: usize = 32 << 10;
/// Bytes of one message that are looked at together.
const MESSAGE_BYTES_MAX: usize = 256 << 10;

/// Whether a file's first lines are those of a chat.
pub(crate) fn is_chat(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines().filter(|line| !line.chars().all(|c| is_mark(c) || c.is_whitespace())).take(200);
    let Some(first) = lines.next().and_then(line::begin) else { return false };
    // logs have such lines too, mostly with ISO dates
    let begins = 1 + lines.filter_map(line::begin).count();
    let iso = first.long_year == Some(0) && !first.bracketed;
    (!iso || begins > 1) && order::decide(&[first]).is_some()
}

/// Reads a chat.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    bytes.fill_head(SAMPLE_BYTES);
    let (decision, names) = sample(bytes.head());
    let channel = names::channel(&document);
    desk.document(Document { channel: channel.clone(), ..document }, bytes, |desk, bytes| {
        let mut chat = Chat {
            channel,
            decision,
            names,
            troubles: Troubles::default(),
            said: None,
            long: None,
            told_half: false,
            told_dates: 0,
        };
        match decision {
            Some(Decision { certain: false, order }) => {
                let words = format!(
                    "the dates fit day/month and month/day; they are read as {}, which is a guess",
                    named(order)
                );
                chat.tell(desk, TroubleKind::Malformed, None, words);
            }
            Some(_) => {}
            None => {
                chat.tell(desk, TroubleKind::Malformed, None, "no order of day, month and year fits the dates".into());
            }
        }
        let stop = chat.lines(bytes, desk);
        let stop = if stop.is_continue() { chat.flush(desk) } else { stop };
        chat.troubles.close(desk.sink);
        stop
    })
}

fn named(order: order::Order) -> &'static str {
    match order {
        order::Order::DayMonthYear => "day/month/year",
        order::Order::MonthDayYear => "month/day/year",
        order::Order::YearMonthDay => "year/month/day",
    }
}

/// What the beginning of a chat tells of all of it.
fn sample(head: &[u8]) -> (Option<Decision>, Names) {
    let mut begins = Vec::new();
    let mut names = Names::default();
    for bytes in head.split(|b| *b == b'\n') {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LINE_BYTES_MAX)]);
        if let Some(begin) = line::begin(&text) {
            names.count(&text[begin.rest..]);
            begins.push(begin);
        }
    }
    (order::decide(&begins), names)
}

struct Chat {
    channel: Option<String>,
    decision: Option<Decision>,
    names: Names,
    troubles: Troubles,
    /// The message that is being read.
    said: Option<Said>,
    /// Where its text goes once it is long.
    long: Option<Passage>,
    told_half: bool,
    told_dates: u32,
}

impl Chat {
    fn tell(&mut self, desk: &mut Desk<'_>, kind: TroubleKind, offset: Option<u64>, words: String) {
        self.troubles.tell(desk.sink, Trouble { kind, offset, words });
    }

    fn lines(&mut self, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
        let mut piece = Vec::new();
        // whether the piece before ended with its line
        let mut fresh = true;
        loop {
            let at = bytes.position() - piece.len() as u64;
            let room = (LINE_BYTES_MAX - piece.len()) as u64;
            let read = bytes.by_ref().take(room).read_until(b'\n', &mut piece);
            if let Err(error) = read {
                self.troubles.tell(desk.sink, Trouble::io(&error, Some(bytes.position())));
                self.piece(&piece, at, fresh, desk)?;
                return ControlFlow::Continue(());
            }
            if piece.is_empty() {
                return ControlFlow::Continue(());
            }
            let ended = piece.ends_with(b"\n");
            // a character may be cut at the end of a piece of a long line
            let keep = if ended || !bytes.has_more() { 0 } else { said::cut_tail(&piece) };
            let n = piece.len() - keep;
            self.piece(&piece[..n], at, fresh, desk)?;
            piece.drain(..n);
            fresh = ended;
        }
    }

    /// A line with its end, or a piece of one that is long.
    fn piece(&mut self, piece: &[u8], at: u64, fresh: bool, desk: &mut Desk<'_>) -> Stop {
        let line = piece.strip_suffix(b"\n").unwrap_or(piece);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if fresh {
            let text = String::from_utf8_lossy(line);
            // places in the text are places in the bytes only where it is sound
            let sound = matches!(text, std::borrow::Cow::Borrowed(_));
            if let Some(begin) = line::begin(&text).filter(|begin| sound || line.get(begin.rest..).is_some()) {
                self.flush(desk)?;
                self.begin(&begin, &text, at, desk);
                let rest = if sound { self.rest_of(&text, begin.rest) } else { begin.rest };
                return self.add(&line[rest.min(line.len())..], at + rest as u64, false, desk);
            }
        }
        self.add(line, at, fresh, desk)
    }

    fn begin(&mut self, begin: &Begin, text: &str, at: u64, desk: &mut Desk<'_>) {
        if begin.half == Some(Half::Unknown) && !self.told_half {
            self.told_half = true;
            let words = "the word for the half of the day is not known; hours may be 12 too few".to_owned();
            self.tell(desk, TroubleKind::Malformed, Some(at), words);
        }
        let mut moment = self.decision.and_then(|decision| order::moment(begin, decision.order));
        if moment.is_none() {
            // the order was decided over the beginning, and this date contradicts it
            let other = order::decide(std::slice::from_ref(begin));
            if self.told_dates < 10 {
                self.told_dates += 1;
                let words = match (other, self.decision) {
                    (Some(other), Some(before)) => format!(
                        "a date is not {}; dates from here on are read as {}, and those before may be wrong",
                        named(before.order),
                        named(other.order)
                    ),
                    _ => "a date is none in any order".to_owned(),
                };
                self.tell(desk, TroubleKind::Malformed, Some(at), words);
            }
            if let Some(other) = other {
                moment = order::moment(begin, other.order);
                self.decision = Some(other);
            }
        }
        let author = self.names.author(&text[begin.rest..]);
        let message = Message {
            channel: self.channel.clone(),
            author: author.map(|(name, _)| name),
            at: moment,
            ..Message::default()
        };
        self.said = Some(Said { notice: message.author.is_none(), message, ..Said::default() });
    }

    /// Where in a line the text begins.
    fn rest_of(&self, text: &str, from: usize) -> usize {
        from + self.names.author(&text[from..]).map_or(0, |(_, end)| end)
    }

    fn add(&mut self, bytes: &[u8], at: u64, new_line: bool, desk: &mut Desk<'_>) -> Stop {
        // lines before the first message are text of their own
        let channel = &self.channel;
        let said = self.said.get_or_insert_with(|| Said {
            message: Message { channel: channel.clone(), ..Message::default() },
            ..Said::default()
        });
        if new_line && (!said.text.text.is_empty() || self.long.is_some()) {
            // the line end stands before it
            said.text.push("\n", at.checked_sub(1));
        }
        said.text.push_bytes(bytes, at);
        if said.text.text.len() < MESSAGE_BYTES_MAX {
            return ControlFlow::Continue(());
        }
        let kind = if said.notice { SegmentKind::Notice } else { SegmentKind::Message };
        let message = Box::new(said.message.clone());
        let passage = self.long.get_or_insert_with(|| Passage::new(kind, desk).of(Some(message)));
        std::mem::take(&mut said.text).pour(passage, desk)
    }

    /// Gives the message that is done.
    fn flush(&mut self, desk: &mut Desk<'_>) -> Stop {
        let Some(mut said) = self.said.take() else { return ControlFlow::Continue(()) };
        if let Some(mut passage) = self.long.take() {
            said.text.pour(&mut passage, desk)?;
            return passage.flush(desk);
        }
        if !said.notice {
            classify(&mut said);
        }
        if let Some(at) = words::edited_at(&said.text.text).filter(|_| !said.notice) {
            let mark = said.text.slice(at, said.text.text.len());
            said.text = said.text.slice(0, at);
            let message = said.message.clone();
            said.give(desk)?;
            return Said { notice: true, text: mark, message, values: Vec::new() }.give(desk);
        }
        said.give(desk)
    }
}

/// What of a message WhatsApp wrote itself.
fn classify(said: &mut Said) {
    let text = &said.text.text;
    if let Some((name, line_end)) = words::attached(text) {
        let value: Placed = said.text.slice(name.start, name.end);
        let caption = said.text.slice((line_end + 1).min(text.len()), text.len());
        said.values.push(value);
        said.text = caption;
    } else if words::is_deleted(text) || words::is_left_out(text) {
        said.notice = true;
    }
}
