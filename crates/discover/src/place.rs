//! The place of finds: which passage is judged around each, and what is told and recorded of it.

use crate::Settings;
use crate::eyes::{Eyes, Safe};
use crate::found::{Found, FoundKind, Posted, Solicited, word};
use crate::passage;
use crate::record::{Event, Item};
use athar_documents::{Document, Message, Segment, SegmentKind};
use athar_extract::{Find, Kind, Proof};
use athar_sightings::NewSighting;
use athar_solicitation::{Passage, Solicitation};
use std::ops::Range;

/// A segment with finds, and what is known of where it stands.
pub(crate) struct Place<'a> {
    pub(crate) settings: &'a Settings,
    /// Whether sightings are recorded, not only told.
    pub(crate) records: bool,
    pub(crate) document: &'a Document,
    pub(crate) segment: &'a Segment,
    pub(crate) message: Option<&'a Message>,
    /// Whether the segment is of a post of a chat; else the message only says who wrote a document and when.
    pub(crate) is_post: bool,
    pub(crate) title: Option<&'a str>,
    /// The message before, of the same author.
    pub(crate) introduced: &'a str,
    /// What is left out of copies of its text.
    pub(crate) safe: Safe,
}

impl Place<'_> {
    /// The passage that is judged for a find.
    pub(crate) fn passage(&self, find: &Find) -> Range<usize> {
        let text = &self.segment.text;
        if self.is_post && self.segment.context.is_none() {
            passage::of_message(text, &find.at)
        } else if self.segment.context.is_some() {
            // what is read is the text around, and that is the same for all of it
            0..text.len()
        } else {
            passage::around(text, &find.at)
        }
    }

    /// Whether something by which somebody can be paid stands in a passage.
    pub(crate) fn has_payment(range: &Range<usize>, finds: &[Find]) -> bool {
        let inside = |find: &&Find| find.at.start < range.end && range.start < find.at.end;
        finds.iter().filter(inside).any(|find| is_payment(find.kind))
    }

    /// The score of a passage, and its language.
    pub(crate) fn judge(
        &self,
        eyes: &Eyes,
        range: &Range<usize>,
        finds: &[Find],
    ) -> (Solicitation, Option<&'static str>) {
        let text = &self.segment.text;
        let count = |range: &Range<usize>| {
            let inside = |f: &&Find| f.at.start < range.end && range.start < f.at.end;
            finds.iter().filter(|f| is_payment(f.kind)).filter(inside).count() as u32
        };
        let forwarded = self.message.is_some_and(|m| m.forwarded_from.is_some());
        let title = self.title;
        if let Some(context) = &self.segment.context {
            // a QR code is an address to whoever shows it, whatever it says
            let addresses_inside = count(range).max(u32::from(self.segment.kind == SegmentKind::Qr));
            return eyes.judge(&Passage { segment: context, title, addresses_inside, forwarded, ..Passage::default() });
        }
        let of = |range: &Range<usize>| {
            let [before, after] = passage::near(text, range);
            eyes.judge(&Passage {
                segment: &text[range.clone()],
                before: if self.introduced.is_empty() { &text[before.clone()] } else { self.introduced },
                after: &text[after.clone()],
                title,
                addresses_inside: count(range),
                addresses_near: count(&before) + count(&after),
                forwarded,
            })
        };
        let joined = of(range);
        // an advertisement stands among the news of a page: a paragraph that asks by itself is not excused by its neighbours, which
        // still count as what stands around it
        let payment = finds.iter().find(|f| is_payment(f.kind) && range.start <= f.at.start && f.at.end <= range.end);
        let alone =
            payment.map(|f| passage::alone(text, &f.at)).filter(|alone| !self.is_post && alone.len() < range.len());
        match alone.map(|alone| of(&alone)) {
            Some(alone) if alone.0.score > joined.0.score => alone,
            _ => joined,
        }
    }

    /// What a QR code says, as a find over the whole of its text.
    pub(crate) fn qr(&self) -> Find {
        Find {
            kind: Kind::Address,
            at: 0..self.segment.text.len(),
            value: self.safe.whole(&self.segment.text),
            chains: Vec::new(),
            proof: Proof::Form,
            manner: Vec::new(),
        }
    }

    /// The event that tells a find, and has it recorded where that was asked.
    pub(crate) fn event(
        &self,
        item: Item,
        find: &Find,
        kind: FoundKind,
        solicitation: &Solicitation,
        language: Option<&'static str>,
    ) -> Event {
        let text = &self.segment.text;
        // what belongs to a person is in it whole or not at all: half of it would not be known for what it is when it is masked later
        let shown = || self.safe.grown(passage::excerpt(text, &find.at));
        let offset = self.segment.map.source(find.at.start);
        let recorded = self.records.then(|| {
            let excerpt = self.safe.excerpt(text, &shown());
            let sighting = self.sighting(find, kind, solicitation, language, offset, excerpt);
            (item, Box::new(sighting))
        });
        let unmasked = self.settings.unmasked;
        let value = match kind {
            _ if unmasked => find.value.clone(),
            // a code may say an account or a telephone number
            FoundKind::Qr(_) => self.safe.excerpt_without(text, &(0..text.len())),
            FoundKind::Identifier(_) if Eyes::is_personal(find.kind) => athar_extract::mask(find.kind, &find.value),
            FoundKind::Identifier(_) => find.value.clone(),
        };
        let masked = value != find.value;
        let (document, message) = (self.document, self.message);
        let found = Found {
            kind,
            chain: find.chains.first().map(|c| c.chain),
            value,
            valid: find.proof > Proof::Form || kind == FoundKind::QR,
            proof: find.proof,
            chains: if find.chains.len() > 1 { find.chains.clone() } else { Vec::new() },
            manner: find.manner.clone(),
            file: document.file.clone(),
            member: document.member.clone(),
            offset,
            page: self.segment.page,
            segment: self.segment.kind,
            segment_language: language,
            solicitation: Solicited {
                score: solicitation.score,
                solicits: solicitation.solicits,
                reasons: solicitation.reasons.clone(),
            },
            masked,
            // an excerpt would show what is masked, and what is masked beside it
            excerpt: self.settings.excerpts.then(|| {
                if unmasked { self.safe.excerpt(text, &shown()) } else { self.safe.excerpt_without(text, &shown()) }
            }),
            uri: document.uri.clone(),
            captured: document.captured.map(|time| time.to_string()),
            posted: message.map(|m| Posted {
                id: m.id.clone(),
                channel: m.channel.clone().or_else(|| document.channel.clone()),
                author: m.author.clone().filter(|_| unmasked),
                at: m.at.map(|at| at.time.to_string()),
                zone_known: m.at.is_some_and(|at| at.zone_known),
                reply_to: m.reply_to.clone(),
                forwarded_from: m.forwarded_from.clone().filter(|_| unmasked),
            }),
        };
        Event::Find(Box::new(found), recorded)
    }

    fn sighting(
        &self,
        find: &Find,
        kind: FoundKind,
        solicitation: &Solicitation,
        language: Option<&'static str>,
        offset: Option<u64>,
        excerpt: String,
    ) -> NewSighting {
        let message = self.message;
        NewSighting {
            kind: kind.name(),
            chains: find.chains.iter().map(|c| (c.chain, c.value.clone())).collect(),
            value: find.value.clone(),
            proof: word(&find.proof),
            manner: find.manner.iter().map(word).collect(),
            offset,
            page: self.segment.page,
            segment: word(&self.segment.kind),
            excerpt,
            language: language.map(str::to_owned),
            score: solicitation.score,
            solicits: solicitation.solicits,
            reasons: serde_json::to_string(&solicitation.reasons).unwrap_or_default(),
            lexicon: solicitation.lexicon.clone(),
            message: message.filter(|_| self.is_post).and_then(|m| m.id.clone()),
            author: message.and_then(|m| m.author.clone()),
            channel: message.and_then(|m| m.channel.clone()).or_else(|| self.document.channel.clone()),
            posted: message.and_then(|m| m.at).map(|at| at.time),
            zone_known: message.and_then(|m| m.at).is_some_and(|at| at.zone_known),
            reply_to: message.and_then(|m| m.reply_to.clone()),
            forwarded_from: message.and_then(|m| m.forwarded_from.clone()),
            sketch: Vec::new(),
        }
    }
}

/// Kinds by which somebody can be paid.
fn is_payment(kind: Kind) -> bool {
    use Kind::{Address, Card, CouponCode, ExchangeUser, Iban, LightningInvoice};
    matches!(kind, Address | LightningInvoice | Iban | Card | CouponCode | ExchangeUser)
}
