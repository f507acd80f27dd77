//! A small world for tests: people who pay each other in blocks, become one, and are talked about.
#![allow(dead_code, clippy::unwrap_used)] // every test uses a part of it

use athar_desk::{Answer, Cause, Changes, Dependencies, DeskError, Marks, Place, State, Subject, SubjectKind, World};
use std::collections::{BTreeMap, BTreeSet};

/// Payments of one block, and pairs of people who turn out to be one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) payments: Vec<(u32, u32)>,
    pub(crate) joins: Vec<(u32, u32)>,
}

/// The world: a chain of blocks, labels by person, a policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Small {
    pub(crate) people: u32,
    pub(crate) blocks: Vec<Block>,
    pub(crate) labels: BTreeMap<u32, String>,
    pub(crate) policy: u32,
    pub(crate) hops: u32,
    /// Answers read from more places than this depend on everything.
    pub(crate) places_max: usize,
}

pub(crate) fn met(root: u32) -> Place {
    Place::new(1, 0, u64::from(root))
}

pub(crate) fn traffic(root: u32) -> Place {
    Place::new(2, 0, u64::from(root))
}

pub(crate) fn person(number: u32) -> String {
    format!("person-{number}")
}

impl Small {
    pub(crate) fn new(people: u32) -> Self {
        Self { people, policy: 1, hops: 2, places_max: 40, ..Self::default() }
    }

    /// Roots after the first `blocks` blocks: union by size, so that a root may give way to another.
    pub(crate) fn roots(&self, blocks: usize) -> Vec<u32> {
        let mut roots: Vec<u32> = (0..self.people).collect();
        for (a, b) in self.blocks[..blocks].iter().flat_map(|block| &block.joins) {
            let (a, b) = (roots[*a as usize], roots[*b as usize]);
            let size = |root: u32| roots.iter().filter(|r| **r == root).count();
            let (winner, loser) = if size(a) >= size(b) { (a, b) } else { (b, a) };
            roots.iter_mut().filter(|root| **root == loser).for_each(|root| *root = winner);
        }
        roots
    }

    fn labels_of(&self, roots: &[u32], root: u32) -> Vec<&str> {
        let of = self.labels.iter().filter(|(who, _)| roots[**who as usize] == root);
        of.map(|(_, label)| label.as_str()).collect()
    }

    /// What a person met within the hops: labels with hops and direction, by exhaustive walk. Walks end at a `service`.
    pub(crate) fn answer(&self, who: u32) -> (String, BTreeSet<Place>) {
        let roots = self.roots(self.blocks.len());
        let own = roots[who as usize];
        let mut places = BTreeSet::from([met(own), traffic(own)]);
        let mut said = vec![format!("own {:?}", self.labels_of(&roots, own))];
        for forward in [true, false] {
            let mut seen = BTreeSet::from([own]);
            let mut front = vec![own];
            for hop in 1..=self.hops {
                let mut next = BTreeSet::new();
                for (from, to) in self.blocks.iter().flat_map(|b| &b.payments) {
                    let (from, to) = (roots[*from as usize], roots[*to as usize]);
                    let (near, far) = if forward { (from, to) } else { (to, from) };
                    if front.contains(&near) && !seen.contains(&far) {
                        next.insert(far);
                    }
                }
                seen.extend(&next);
                front.clear();
                for root in next {
                    places.insert(met(root));
                    let labels = self.labels_of(&roots, root);
                    if !labels.is_empty() {
                        said.push(format!("{forward} {hop} {labels:?}"));
                    }
                    if !labels.contains(&"service") && hop < self.hops {
                        places.insert(traffic(root));
                        front.push(root);
                    }
                }
            }
        }
        said[1..].sort();
        (format!("{} policy {}", said.join("; "), self.policy), places)
    }

    pub(crate) fn tip(&self) -> Option<(u32, String)> {
        let height = self.blocks.len().checked_sub(1)? as u32;
        Some((height, blake3_of(&format!("{:?}", self.blocks))))
    }
}

fn blake3_of(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn number(subject: &Subject) -> u32 {
    assert_eq!(subject.kind, SubjectKind::Address);
    subject.target.strip_prefix("person-").unwrap().parse().unwrap()
}

impl World for Small {
    fn chain(&self) -> String {
        "small".into()
    }

    fn marks(&self) -> Marks {
        Marks {
            tip: self.tip(),
            labels: blake3_of(&format!("{:?}", self.labels)),
            lists: String::new(),
            policy: self.policy.to_string(),
            rules: String::new(),
            today: None,
        }
    }

    fn said(&self) -> Result<BTreeMap<String, [u8; 16]>, DeskError> {
        let digest = |label: &str| {
            let mut digest = [0; 16];
            digest.copy_from_slice(blake3_of(label).as_bytes());
            digest
        };
        Ok(self.labels.iter().map(|(who, label)| (person(*who), digest(label))).collect())
    }

    fn changed(&self, before: &Marks, relabelled: &[String]) -> Result<Changes, DeskError> {
        let mut changes = Changes::default();
        if before.policy != self.policy.to_string() {
            changes.everything = Some(Cause::Policy { version: self.policy.to_string() });
            return Ok(changes);
        }
        let (first, old_tip) = match &before.tip {
            None => (0, 0),
            Some((height, hash)) => {
                let base = Small {
                    blocks: self.blocks[..(*height as usize + 1).min(self.blocks.len())].to_vec(),
                    ..self.clone()
                };
                if base.tip().as_ref().is_none_or(|(h, same)| h != height || same != hash) {
                    changes.everything = Some(Cause::Everything { why: "a reorganisation".into() });
                    return Ok(changes);
                }
                (*height as usize + 1, *height)
            }
        };
        let (old, new) = (self.roots(first), self.roots(self.blocks.len()));
        for text in relabelled {
            let who: usize = text.strip_prefix("person-").unwrap().parse().unwrap();
            changes.touched.push((Cause::Labels { text: text.clone() }, vec![met(old[who]), met(new[who])]));
        }
        let mut places = Vec::new();
        for block in &self.blocks[first..] {
            for who in block.payments.iter().flat_map(|(a, b)| [*a as usize, *b as usize]) {
                places.extend([traffic(old[who]), traffic(new[who])]);
            }
        }
        // an entity that met another matters to who met either only if one is labelled; to who walks through it always
        for root in new.iter().copied().collect::<BTreeSet<u32>>() {
            let sides: BTreeSet<u32> = (0..self.people as usize).filter(|i| new[*i] == root).map(|i| old[i]).collect();
            if sides.len() > 1 {
                let labelled = self.labels.keys().any(|who| new[*who as usize] == root);
                for side in sides {
                    places.push(traffic(side));
                    places.extend(labelled.then_some(met(side)));
                    if side != root {
                        changes.moved.extend([(met(side), met(root)), (traffic(side), traffic(root))]);
                    }
                }
            }
        }
        if self.tip() != before.tip {
            let to = self.tip().map_or(0, |(height, _)| height);
            changes.touched.push((Cause::Blocks { from: old_tip, to }, places));
        }
        Ok(changes)
    }

    fn screen(&self, subject: &Subject) -> Result<Answer, DeskError> {
        let (said, places) = self.answer(number(subject));
        let level = if said.contains("terror") { "high" } else { "unknown" };
        let dependencies = if places.len() > self.places_max {
            Dependencies::everything()
        } else {
            Dependencies::new(places.into_iter().collect())
        };
        Ok(Answer {
            state: State::Screened,
            level: level.into(),
            score: None,
            policy: self.policy.to_string(),
            snapshot: blake3_of(&format!("{:?} {}", self.marks(), subject.target)),
            summary: serde_json::to_string(&said).unwrap(),
            dependencies,
        })
    }
}
