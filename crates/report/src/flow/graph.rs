//! From the movements of a trace to boxes and lines.
//!
//! An output's column is the length of the longest way to it. Outputs of one address in one column are one box; where
//! several hops share a column, so are outputs that a movement inside it ties. The largest boxes of a column stay, the
//! others become one.

use super::gather::{Gathered, Movement, Output, Spot, ends_of, is_source, outpoint, places, stop_spot};
use super::names::{Name, Names};
use crate::limits::{BOXES_MAX, HOP_BOXES_MAX, HOP_COLUMNS_MAX, PAYER_BOXES_MAX, SERVICE_BOXES_MAX};
use crate::model::Worth;
use athar_engine::read::{PlaceView, TraceView};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A labelled entity that paid the subject.
    Payer,
    /// Everybody else who paid it.
    OtherPayers,
    /// The subject of the trace.
    Source,
    /// An address on the way, or a group of them.
    Hop,
    /// All smaller ones of the same column.
    HopOthers,
    /// A labelled service.
    Service,
    /// All smaller services.
    OtherServices,
    /// CoinJoins.
    CoinJoin,
    /// Unspent.
    Held,
    /// Newly mined.
    Minted,
    /// Came back to the subject.
    Returned,
    /// Left at a bound.
    Bounded,
    /// Paid to miners.
    Fee,
    /// The last two, where they cannot be told apart.
    FeeBounded,
    /// Beyond what the answer lists.
    Unlisted,
}

/// What a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// Who paid the subject.
    Payers,
    /// The subject.
    Source,
    /// Hops, the first and last of them.
    Hops(u32, u32),
    /// Where the money ended (or, backward, came from).
    Ends,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Index into [`Flow::columns`].
    pub(crate) column: usize,
    /// The label, or the address where there is no label.
    pub(crate) name: Option<String>,
    /// Category of the label, by name; none where the name is an address.
    pub(crate) category: Option<String>,
    /// Addresses (of services and places: outputs) in it.
    pub(crate) count: u64,
    /// Satoshi that came in, or that the trace starts with.
    pub(crate) sat: u64,
    /// What they are worth; none where that is not asked, or not all of it is listed.
    pub(crate) worth: Option<Worth>,
}

/// A line from a near box to a far one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) near: usize,
    pub(crate) far: usize,
    pub(crate) sat: u64,
    /// Movements summed up in it.
    pub(crate) movements: u64,
}

/// The diagram before it is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Whether money moves from far to near.
    pub(crate) backward: bool,
    pub(crate) columns: Vec<Column>,
    /// In order of column.
    pub(crate) nodes: Vec<Node>,
    /// In order of their boxes.
    pub(crate) links: Vec<Link>,
}

impl Flow {
    /// Sums up a trace, and the first hop of a backward one beside it.
    pub(crate) fn of(trace: &TraceView, origin: Option<&TraceView>, names: &Names<'_>) -> Self {
        let gathered = Gathered::of(trace);
        let hops = gathered.outputs.iter().filter(|o| o.given_sat > 0).map(|o| o.column).max().unwrap_or(0);
        let ranges = hop_ranges(hops);
        let mut drawing = Drawing::new(trace, ranges, origin.is_some());
        drawing.source(trace);
        let boxes = drawing.hops(&gathered.outputs, &gathered.movements, names);
        drawing.ends(trace, &gathered.movements);
        for movement in &gathered.movements {
            let at = |spot: &Spot<'_>| match spot {
                Spot::Source => Some(drawing.source_at),
                Spot::Output(index) => boxes.get(index).copied(),
                Spot::End(kind, name) => drawing.end_at.get(&(*kind, *name)).copied(),
            };
            if let (Some(near), Some(far)) = (at(&movement.near), at(&movement.far)) {
                drawing.link(near, far, movement.sat);
            }
        }
        if let Some(origin) = origin {
            drawing.payers(origin, names);
        }
        drawing.finish(trace.direction == "backward")
    }
}

/// Which hops share a column: single ones as long as there are few, then even ranges after the first.
pub(super) fn hop_ranges(hops: u32) -> Vec<(u32, u32)> {
    let columns = HOP_COLUMNS_MAX as u32;
    if hops <= columns {
        return (1..=hops).map(|h| (h, h)).collect();
    }
    let (rest, parts) = (hops - 1, columns - 1);
    let ends = (0..=parts).map(|i| 1 + rest * i / parts).collect::<Vec<_>>();
    std::iter::once((1, 1)).chain(ends.windows(2).map(|w| (w[0] + 1, w[1]))).collect()
}

/// A diagram in the making.
struct Drawing<'a> {
    columns: Vec<Column>,
    nodes: Vec<Node>,
    links: BTreeMap<(usize, usize), (u64, u64)>,
    source_at: usize,
    end_at: BTreeMap<(Kind, Option<Name<'a>>), usize>,
}

impl<'a> Drawing<'a> {
    fn new(trace: &TraceView, ranges: Vec<(u32, u32)>, has_payers: bool) -> Self {
        let mut columns = Vec::with_capacity(ranges.len() + 3);
        if has_payers && trace.direction != "backward" {
            columns.push(Column::Payers);
        }
        columns.push(Column::Source);
        columns.extend(ranges.into_iter().map(|(a, b)| Column::Hops(a, b)));
        columns.push(Column::Ends);
        Self { columns, nodes: Vec::new(), links: BTreeMap::new(), source_at: 0, end_at: BTreeMap::new() }
    }

    fn node(&mut self, kind: Kind, column: usize, name: Option<&str>, category: Option<&str>) -> usize {
        let (name, category) = (name.map(Into::into), category.map(Into::into));
        self.nodes.push(Node { kind, column, name, category, count: 0, sat: 0, worth: None });
        self.nodes.len() - 1
    }

    /// Column of the subject.
    fn source_column(&self) -> usize {
        self.columns.iter().position(|c| *c == Column::Source).unwrap_or(0)
    }

    fn source(&mut self, trace: &TraceView) {
        self.source_at = self.node(Kind::Source, self.source_column(), Some(&trace.target), None);
        let node = &mut self.nodes[self.source_at];
        (node.count, node.sat) = (1, trace.source_sat);
        node.worth = Some(Worth::of(trace.source_usd, trace.source_unpriced_sat));
    }

    /// Boxes of the outputs on the way, and which box each output is in.
    fn hops(
        &mut self,
        outputs: &[Output<'_>],
        movements: &[Movement<'_>],
        names: &Names<'_>,
    ) -> BTreeMap<usize, usize> {
        let first_column = self.source_column() + 1;
        let column_of = |o: &Output<'_>| {
            let within = |c: &Column| matches!(c, Column::Hops(a, b) if (*a..=*b).contains(&o.column));
            self.columns.iter().position(within).unwrap_or(first_column)
        };
        let column: Vec<usize> = outputs.iter().map(column_of).collect();
        let mut groups = Groups::new(outputs.len());
        let mut first_of: HashMap<(usize, &str), usize> = HashMap::new();
        for (at, output) in outputs.iter().enumerate().filter(|(_, o)| o.given_sat > 0) {
            let first = *first_of.entry((column[at], output.owner)).or_insert(at);
            groups.join(first, at);
        }
        for movement in movements {
            if let (Spot::Output(a), Spot::Output(b)) = (&movement.near, &movement.far)
                && column[*a] == column[*b]
            {
                groups.join(*a, *b);
            }
        }
        // what a group takes in from outside of it, and who is in it
        let mut taken: BTreeMap<usize, (u64, BTreeSet<&str>)> = BTreeMap::new();
        for (at, output) in outputs.iter().enumerate().filter(|(_, o)| o.given_sat > 0) {
            taken.entry(groups.find(at)).or_default().1.insert(output.owner);
        }
        for movement in movements {
            if let Spot::Output(far) = movement.far {
                let group = groups.find(far);
                let inside = matches!(movement.near, Spot::Output(near) if groups.find(near) == group);
                if let Some(entry) = taken.get_mut(&group).filter(|_| !inside) {
                    entry.0 = entry.0.saturating_add(movement.sat);
                }
            }
        }
        let mut ranked: Vec<(usize, u64, usize)> = taken.iter().map(|(g, (sat, _))| (column[*g], *sat, *g)).collect();
        ranked.sort_by_key(|(column, sat, group)| (*column, std::cmp::Reverse(*sat), *group));
        let mut box_of: BTreeMap<usize, usize> = BTreeMap::new();
        for in_column in ranked.chunk_by(|a, b| a.0 == b.0) {
            // one box for a single other would say less than the box itself
            let kept = if in_column.len() <= HOP_BOXES_MAX + 1 { in_column.len() } else { HOP_BOXES_MAX };
            let mut others = None;
            for (rank, (column, sat, group)) in in_column.iter().enumerate() {
                let owners = &taken[group].1;
                let at = if rank < kept {
                    let single = owners.first().filter(|_| owners.len() == 1).copied();
                    let is_address = outputs[*group].address.is_some();
                    let known = single.and_then(|owner| names.get(owner));
                    let name = known.map(|n| n.label).or(single.filter(|_| is_address));
                    self.node(Kind::Hop, *column, name, known.map(|n| n.category))
                } else {
                    *others.get_or_insert_with(|| self.node(Kind::HopOthers, *column, None, None))
                };
                let node = &mut self.nodes[at];
                node.sat = node.sat.saturating_add(*sat);
                node.count += owners.len() as u64;
                box_of.insert(*group, at);
            }
        }
        (0..outputs.len()).filter_map(|at| box_of.get(&groups.find(at)).map(|b| (at, *b))).collect()
    }

    /// Boxes of the places at which money came to rest.
    fn ends(&mut self, trace: &'a TraceView, movements: &[Movement<'a>]) {
        let column = self.columns.len() - 1;
        let mut sums: BTreeMap<(Kind, Option<Name<'a>>), u64> = BTreeMap::new();
        for movement in movements {
            if let Spot::End(kind, name) = movement.far {
                let sum = sums.entry((kind, name)).or_default();
                *sum = sum.saturating_add(movement.sat);
            }
        }
        let mut ranked: Vec<_> = sums.into_iter().collect();
        ranked.sort_by_key(|((kind, name), sat)| (*kind, std::cmp::Reverse(*sat), *name));
        let services = ranked.iter().filter(|((kind, _), _)| *kind == Kind::Service).count();
        let kept = if services <= SERVICE_BOXES_MAX + 1 { services } else { SERVICE_BOXES_MAX };
        let mut other_services = None;
        for (rank, ((kind, name), sat)) in ranked.into_iter().enumerate() {
            let at = if kind == Kind::Service && rank >= kept {
                *other_services.get_or_insert_with(|| self.node(Kind::OtherServices, column, None, None))
            } else {
                self.node(kind, column, name.map(|n| n.label), name.map(|n| n.category))
            };
            self.nodes[at].sat = self.nodes[at].sat.saturating_add(sat);
            self.end_at.insert((kind, name), at);
        }
        // how many outputs lie in each box, and their worth, where the box holds them all
        let mut worth: BTreeMap<usize, (u64, u64, Worth)> = BTreeMap::new();
        for (place, kind, name) in places(trace) {
            let Some(at) = self.end_at.get(&(kind, name)) else { continue };
            let (count, sat, sum) = worth.entry(*at).or_default();
            *count += 1;
            *sat = sat.saturating_add(place.amount_sat);
            sum.add(place.amount_sat, place.usd);
        }
        for (at, (count, sat, sum)) in worth {
            let node = &mut self.nodes[at];
            node.count = count;
            node.worth = (sat == node.sat).then_some(sum);
        }
    }

    /// Boxes and lines of those who paid the subject.
    fn payers(&mut self, origin: &TraceView, names: &Names<'_>) {
        if self.columns.first() != Some(&Column::Payers) {
            return;
        }
        let resting: HashMap<String, &PlaceView> = origin.stopped.iter().map(|p| (outpoint(p), p)).collect();
        let mut labelled: BTreeMap<Name<'_>, (u64, u64, BTreeSet<&str>)> = BTreeMap::new();
        let mut others: (u64, u64, BTreeSet<&str>) = Default::default();
        let (mut seen, mut returned) = (0u64, 0u64);
        for edge in &origin.edges {
            let (near, Some(far)) = ends_of(edge, true) else { continue };
            if !is_source(&origin.target, near) {
                continue;
            }
            if is_source(&origin.target, far) {
                returned = returned.saturating_add(edge.amount_sat);
                continue;
            }
            seen = seen.saturating_add(edge.amount_sat);
            let place = resting.get(far.0);
            let by_place = place.and_then(|p| stop_spot(p).1);
            let sums = match by_place.or_else(|| names.get(far.1?)) {
                Some(name) => labelled.entry(name).or_default(),
                None => &mut others,
            };
            sums.0 = sums.0.saturating_add(edge.amount_sat);
            sums.1 += 1;
            sums.2.insert(far.1.unwrap_or(far.0));
        }
        let minted: u64 = origin
            .minted
            .iter()
            .filter(|p| is_source(&origin.target, (&outpoint(p), p.address.as_deref())))
            .fold(0, |sum, p| sum.saturating_add(p.amount_sat));
        let mut ranked: Vec<_> = labelled.into_iter().collect();
        ranked.sort_by_key(|(name, (sat, ..))| (std::cmp::Reverse(*sat), *name));
        let source = self.source_at;
        let mut add = |kind, name: Option<Name<'_>>, sat: u64, movements: u64, count: usize| {
            if sat > 0 {
                let at = self.node(kind, 0, name.map(|n| n.label), name.map(|n| n.category));
                (self.nodes[at].sat, self.nodes[at].count) = (sat, count as u64);
                self.links.insert((at, source), (sat, movements));
            }
        };
        for (rank, (name, (sat, movements, owners))) in ranked.into_iter().enumerate() {
            if rank < PAYER_BOXES_MAX {
                add(Kind::Payer, Some(name), sat, movements, owners.len());
            } else {
                others.0 = others.0.saturating_add(sat);
                others.1 += movements;
                others.2.extend(owners);
            }
        }
        add(Kind::OtherPayers, None, others.0, others.1, others.2.len());
        add(Kind::Minted, None, minted, 1, 0);
        let left = origin.source_sat.saturating_sub(seen).saturating_sub(returned).saturating_sub(minted);
        add(Kind::Unlisted, None, left, 1, 0);
    }

    fn link(&mut self, near: usize, far: usize, sat: u64) {
        if near != far {
            let (sum, movements) = self.links.entry((near, far)).or_default();
            *sum = sum.saturating_add(sat);
            *movements += 1;
        }
    }

    fn finish(self, backward: bool) -> Flow {
        debug_assert!(self.nodes.len() <= BOXES_MAX, "{} boxes", self.nodes.len());
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|at| (self.nodes[*at].column, *at));
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        let mut nodes: Vec<Option<Node>> = self.nodes.into_iter().map(Some).collect();
        let mut links: Vec<Link> = self
            .links
            .into_iter()
            .map(|((near, far), (sat, movements))| Link { near: place[near], far: place[far], sat, movements })
            .collect();
        links.sort_by_key(|l| (l.near, l.far));
        Flow {
            backward,
            columns: self.columns,
            nodes: order.into_iter().filter_map(|old| nodes[old].take()).collect(),
            links,
        }
    }
}

/// Union-find over output indexes: the lower index names the group.
struct Groups(Vec<usize>);

impl Groups {
    fn new(len: usize) -> Self {
        Self((0..len).collect())
    }

    fn find(&self, mut at: usize) -> usize {
        while self.0[at] != at {
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
    }
}
