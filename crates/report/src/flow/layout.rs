//! Where the boxes and lines of a diagram lie.
//!
//! Layered drawing after Sugiyama, Tagawa and Toda (1981): a line that passes columns gets an invisible item in each, so
//! that it runs between boxes and not over them; order within a column by the barycentre of neighbours, the order with
//! the fewest crossings kept; heights relaxed towards the neighbours as in flow (Sankey) diagrams, overlaps removed with the
//! least movement of the thickest. Fees have a box and no lines: there is one at every box, and none says anything. Everything is in the
//! units of the drawing, seen from the subject to the right. Only sums, products and comparisons of floats are used, in
//! a fixed order, so that every machine draws the same.

use super::graph::{Flow, Kind, Link, Node};

/// Width of a box.
pub(crate) const BOX_WIDTH: f64 = 152.0;
/// Least height of a box: four lines of text; two where a box has nothing to say but its name and amount.
const BOX_HEIGHT_MIN: f64 = 68.0;
const BRIEF_HEIGHT_MIN: f64 = 44.0;
/// Between boxes of a column.
const BOX_GAP: f64 = 14.0;
/// Between a passing line and what is next to it.
const PASS_GAP: f64 = 7.0;
/// The width that the columns share.
const WIDTH: f64 = 1180.0;
/// Least and most room between columns.
const COLUMN_GAP: (f64, f64) = (36.0, 150.0);
/// Room for the headings of the columns.
pub(crate) const TOP: f64 = 40.0;
/// Room around the drawing.
pub(crate) const MARGIN: f64 = 6.0;
/// Thickness of a line that carries everything.
const THICKNESS_MAX: f64 = 84.0;
/// Thickness below which no line is drawn thinner.
const THICKNESS_MIN: f64 = 1.6;
/// How much of a box's pull goes to the middle of the drawing, so that it does not drift to an edge.
const PULL: f64 = 0.1;
/// How much more a passing line resists being bent than a box resists being moved.
const STRAIGHT: f64 = 3.0;
const ORDER_SWEEPS: usize = 10;
const RELAX_SWEEPS: usize = 48;

/// A placed box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) height: f64,
}

/// A placed line: level stretches `(x from, x to, y)`, to be joined by curves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ribbon {
    pub(crate) thickness: f64,
    pub(crate) levels: Vec<(f64, f64, f64)>,
}

/// A placed diagram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Left edge of each column.
    pub(crate) columns: Vec<f64>,
    /// In the order of [`Flow::nodes`].
    pub(crate) boxes: Vec<Rect>,
    /// In the order of [`Flow::links`]; without stretches where a line is not drawn.
    pub(crate) ribbons: Vec<Ribbon>,
}

/// Whether a line is drawn.
fn is_drawn(flow: &Flow, link: &Link) -> bool {
    !matches!(flow.nodes[link.far].kind, Kind::Fee | Kind::FeeBounded)
}

fn height_min(node: &Node) -> f64 {
    match node.kind {
        Kind::Returned | Kind::Bounded | Kind::Fee | Kind::FeeBounded | Kind::Unlisted => BRIEF_HEIGHT_MIN,
        _ => BOX_HEIGHT_MIN,
    }
}

/// A box, or a line passing a column.
struct Item {
    column: usize,
    height: f64,
    is_box: bool,
    y: f64,
}

/// The part of a line between two neighbouring columns.
struct Segment {
    near: usize,
    far: usize,
    thickness: f64,
    link: usize,
}

struct Work {
    items: Vec<Item>,
    segments: Vec<Segment>,
    /// Items of each column, from the top.
    order: Vec<Vec<usize>>,
}

impl Layout {
    /// Places a diagram.
    pub(crate) fn of(flow: &Flow) -> Self {
        let mut work = Work::of(flow);
        work.find_order();
        let height = work.find_heights();
        work.draw(flow, height)
    }
}

impl Work {
    fn of(flow: &Flow) -> Self {
        let whole = flow.nodes.iter().map(|n| n.sat).max().unwrap_or(1).max(1) as f64;
        let thickness = |sat: u64| (sat as f64 / whole * THICKNESS_MAX).max(THICKNESS_MIN);
        let mut items: Vec<Item> =
            flow.nodes.iter().map(|n| Item { column: n.column, height: height_min(n), is_box: true, y: 0.0 }).collect();
        let mut segments = Vec::new();
        for (link, l) in flow.links.iter().enumerate().filter(|(_, l)| is_drawn(flow, l)) {
            let (first, last, thickness) = (items[l.near].column, items[l.far].column, thickness(l.sat));
            let mut near = l.near;
            for column in first + 1..last {
                items.push(Item { column, height: thickness, is_box: false, y: 0.0 });
                segments.push(Segment { near, far: items.len() - 1, thickness, link });
                near = items.len() - 1;
            }
            segments.push(Segment { near, far: l.far, thickness, link });
        }
        for (at, item) in items.iter_mut().enumerate().filter(|(_, item)| item.is_box) {
            let sum =
                |end: fn(&Segment) -> usize| segments.iter().filter(|s| end(s) == at).map(|s| s.thickness).sum::<f64>();
            item.height = item.height.max(sum(|s| s.near) + 8.0).max(sum(|s| s.far) + 8.0);
        }
        let mut order = vec![Vec::new(); flow.columns.len()];
        for (at, item) in items.iter().enumerate() {
            order[item.column].push(at);
        }
        Self { items, segments, order }
    }

    /// The weighted middle of `value` over the items on the near (or far) side of an item; none without neighbours.
    fn middle(&self, at: usize, near_side: bool, value: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for s in &self.segments {
            let (this, other) = if near_side { (s.far, s.near) } else { (s.near, s.far) };
            if this == at {
                // the root of the amount: large flows lead, small ones are not forgotten
                let w = s.thickness.sqrt();
                sum += w * value(other);
                weight += w;
            }
        }
        (weight > 0.0).then(|| sum / weight)
    }

    fn find_order(&mut self) {
        let mut best = (self.crossings(), self.order.clone());
        for sweep in 0..ORDER_SWEEPS {
            let near_side = sweep % 2 == 0;
            let count = self.order.len();
            let columns: Vec<usize> = if near_side { (1..count).collect() } else { (0..count - 1).rev().collect() };
            for column in columns {
                let rank = self.ranks();
                let mut keyed: Vec<(f64, usize, usize)> = self.order[column]
                    .iter()
                    .enumerate()
                    .map(|(i, at)| (self.middle(*at, near_side, |o| rank[o]).unwrap_or(rank[*at]), i, *at))
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                self.order[column] = keyed.into_iter().map(|(_, _, at)| at).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.order.clone());
            }
        }
        self.order = best.1;
    }

    /// Each item's place in its column, from 0 at the top to 1 at the bottom.
    fn ranks(&self) -> Vec<f64> {
        let mut rank = vec![0.0; self.items.len()];
        for column in &self.order {
            for (i, at) in column.iter().enumerate() {
                rank[*at] = (i as f64 + 0.5) / column.len() as f64;
            }
        }
        rank
    }

    /// Crossings of lines, each weighted by the thinner of the two.
    fn crossings(&self) -> f64 {
        let rank = self.ranks();
        let mut sum = 0.0;
        for (i, a) in self.segments.iter().enumerate() {
            for b in &self.segments[i + 1..] {
                if self.items[a.near].column == self.items[b.near].column
                    && (rank[a.near] - rank[b.near]) * (rank[a.far] - rank[b.far]) < 0.0
                {
                    sum += a.thickness.min(b.thickness);
                }
            }
        }
        sum
    }

    fn gap(&self, above: usize, below: usize) -> f64 {
        if self.items[above].is_box && self.items[below].is_box { BOX_GAP } else { PASS_GAP }
    }

    /// Sets every item's `y`; gives the height of the tallest column.
    fn find_heights(&mut self) -> f64 {
        let column_height = |work: &Self, column: &[usize]| {
            let items: f64 = column.iter().map(|at| work.items[*at].height).sum();
            items + column.windows(2).map(|w| work.gap(w[0], w[1])).sum::<f64>()
        };
        let height = self.order.iter().map(|c| column_height(self, c)).fold(0.0, f64::max);
        for column in self.order.clone() {
            let mut y = (height - column_height(self, &column)) / 2.0;
            for (i, at) in column.iter().enumerate() {
                if i > 0 {
                    y += self.gap(column[i - 1], *at);
                }
                self.items[*at].y = y;
                y += self.items[*at].height;
            }
        }
        for sweep in 0..RELAX_SWEEPS {
            let near_side = sweep % 2 == 0;
            let mut columns: Vec<usize> = (0..self.order.len()).collect();
            if !near_side {
                columns.reverse();
            }
            for column in columns {
                let order = self.order[column].clone();
                let wanted: Vec<f64> = order.iter().map(|at| self.wanted(*at, height)).collect();
                self.settle(&order, &wanted, height);
            }
        }
        height
    }

    /// Where the top of an item would lie if it were alone in its column.
    fn wanted(&self, at: usize, height: f64) -> f64 {
        let half = |o: usize| self.items[o].height / 2.0;
        let centre = |o: usize| self.items[o].y + half(o);
        let (mut sum, mut weight) = (0.0, 0.0);
        for s in self.segments.iter().filter(|s| s.near == at || s.far == at) {
            let w = s.thickness.sqrt();
            sum += w * centre(if s.near == at { s.far } else { s.near });
            weight += w;
        }
        if weight == 0.0 {
            // nothing pulls it: it stays where its place in the order puts it
            return self.items[at].y;
        }
        (sum / weight) * (1.0 - PULL) + height / 2.0 * PULL - half(at)
    }

    /// Gives the items of a column the places nearest to the wanted ones in which none overlap, by weighted least
    /// squares: with the room above each taken off, that is an isotonic regression, solved by pooling adjacent
    /// violators (Barlow and others, "Statistical Inference under Order Restrictions", 1972), cut to the drawing.
    fn settle(&mut self, order: &[usize], wanted: &[f64], height: f64) {
        let mut room = Vec::with_capacity(order.len());
        let mut above = 0.0;
        for (i, at) in order.iter().enumerate() {
            if i > 0 {
                above += self.gap(order[i - 1], *at);
            }
            room.push(above);
            above += self.items[*at].height;
        }
        // blocks of neighbours that touch: weighted mean, weight, how many
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        for (i, at) in order.iter().enumerate() {
            let thickness: f64 =
                self.segments.iter().filter(|s| s.near == *at || s.far == *at).map(|s| s.thickness).sum();
            let stiffness = if self.items[*at].is_box { 1.0 } else { STRAIGHT };
            blocks.push((wanted[i] - room[i], (1.0 + thickness) * stiffness, 1));
            while let [.., (a, v, n), (b, w, m)] = blocks[..]
                && a > b
            {
                blocks.truncate(blocks.len() - 2);
                blocks.push(((a * v + b * w) / (v + w), v + w, n + m));
            }
        }
        let mut items = order.iter().zip(room);
        for (mean, _, count) in blocks {
            let y = mean.clamp(0.0, (height - above).max(0.0));
            for (at, room) in items.by_ref().take(count) {
                self.items[*at].y = y + room;
            }
        }
    }

    fn draw(&self, flow: &Flow, height: f64) -> Layout {
        let count = flow.columns.len() as f64;
        let gap = ((WIDTH - count * BOX_WIDTH) / (count - 1.0).max(1.0)).clamp(COLUMN_GAP.0, COLUMN_GAP.1);
        let columns: Vec<f64> = (0..flow.columns.len()).map(|c| MARGIN + c as f64 * (BOX_WIDTH + gap)).collect();
        // lines leave and reach an item stacked around its middle, in the order of where they come from or go to
        let mut ports = vec![(0.0, 0.0); self.segments.len()];
        for (at, item) in self.items.iter().enumerate() {
            for near_side in [true, false] {
                let mut lines: Vec<(f64, usize)> = Vec::new();
                for (i, s) in self.segments.iter().enumerate() {
                    let (this, other) = if near_side { (s.far, s.near) } else { (s.near, s.far) };
                    if this == at {
                        lines.push((self.items[other].y + self.items[other].height / 2.0, i));
                    }
                }
                lines.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let sum: f64 = lines.iter().map(|(_, i)| self.segments[*i].thickness).sum();
                let mut y = item.y + (item.height - sum) / 2.0;
                for (_, i) in lines {
                    let middle = y + self.segments[i].thickness / 2.0;
                    let port = if near_side { &mut ports[i].1 } else { &mut ports[i].0 };
                    *port = middle + TOP;
                    y += self.segments[i].thickness;
                }
            }
        }
        let mut ribbons: Vec<Ribbon> =
            flow.links.iter().map(|_| Ribbon { thickness: 0.0, levels: Vec::new() }).collect();
        for (i, s) in self.segments.iter().enumerate() {
            let ribbon = &mut ribbons[s.link];
            ribbon.thickness = s.thickness;
            let (x, (leaves, reaches)) = (columns[self.items[s.near].column], ports[i]);
            if ribbon.levels.is_empty() {
                ribbon.levels.push((x + BOX_WIDTH, x + BOX_WIDTH, leaves));
            }
            let x = columns[self.items[s.far].column];
            let end = if self.items[s.far].is_box { x } else { x + BOX_WIDTH };
            ribbon.levels.push((x, end, reaches));
        }
        let boxes = (0..flow.nodes.len()).map(|at| {
            let item = &self.items[at];
            Rect { x: columns[item.column], y: item.y + TOP, height: item.height }
        });
        Layout {
            width: columns.last().copied().unwrap_or(MARGIN) + BOX_WIDTH + MARGIN,
            height: TOP + height + MARGIN,
            boxes: boxes.collect(),
            ribbons,
            columns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::campaign;
    use crate::flow::Names;

    #[test]
    fn boxes_keep_apart_and_everything_is_inside_the_drawing() {
        let case = campaign();
        let flow = Flow::of(&case.trace, case.origin.as_ref(), &Names::default());
        let layout = Layout::of(&flow);
        for (i, a) in layout.boxes.iter().enumerate() {
            assert!(a.x >= 0.0 && a.x + BOX_WIDTH <= layout.width && a.y >= TOP - 0.01);
            assert!(a.y + a.height <= layout.height);
            for b in &layout.boxes[i + 1..] {
                let apart = a.y + a.height + BOX_GAP <= b.y + 0.01 || b.y + b.height + BOX_GAP <= a.y + 0.01;
                assert!(a.x != b.x || apart, "{a:?} {b:?}");
            }
        }
        for (link, ribbon) in flow.links.iter().zip(&layout.ribbons).filter(|(l, _)| is_drawn(&flow, l)) {
            let (near, far) = (layout.boxes[link.near], layout.boxes[link.far]);
            let (first, last) = (ribbon.levels[0], ribbon.levels[ribbon.levels.len() - 1]);
            assert_eq!((first.0, last.1), (near.x + BOX_WIDTH, far.x));
            let touches = |y: f64, at: Rect| {
                y - ribbon.thickness / 2.0 >= at.y - 0.01 && y + ribbon.thickness / 2.0 <= at.y + at.height + 0.01
            };
            assert!(touches(first.2, near) && touches(last.2, far));
        }
    }

    #[test]
    fn a_line_passes_between_the_boxes_of_the_columns_in_its_way() {
        let case = campaign();
        let flow = Flow::of(&case.trace, case.origin.as_ref(), &Names::default());
        let layout = Layout::of(&flow);
        let mut passes = 0;
        for ribbon in &layout.ribbons {
            for (from, to, y) in &ribbon.levels {
                for at in layout.boxes.iter().filter(|b| b.x == *from && *to == b.x + BOX_WIDTH) {
                    passes += 1;
                    assert!(y + ribbon.thickness / 2.0 <= at.y || y - ribbon.thickness / 2.0 >= at.y + at.height);
                }
            }
        }
        assert!(passes > 10, "the sample has long lines");
    }
}
