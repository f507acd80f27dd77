//! An optional order of passages by something else than the score, as a model. It decides nothing: it sees scores and gives an order.

use crate::{Passage, Solicitation};

/// Something that puts passages in the order in which a person should read them.
pub trait Rerank {
    /// The places of the passages in the new order. It gets them by reference only: scores and reasons stay what they are.
    fn order(&self, passages: &[(Passage<'_>, &Solicitation)]) -> Vec<usize>;
}

/// The order of a re-ranker where it is one, each place once; else that of the scores, the highest first.
pub fn reranked(rerank: &dyn Rerank, passages: &[(Passage<'_>, &Solicitation)]) -> Vec<usize> {
    let order = rerank.order(passages);
    let mut seen = vec![false; passages.len()];
    let each_once = order.len() == passages.len()
        && order.iter().all(|i| seen.get_mut(*i).is_some_and(|seen| !std::mem::replace(seen, true)));
    if each_once {
        return order;
    }
    let mut order: Vec<usize> = (0..passages.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(passages[*i].1.score));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given(Vec<usize>);

    impl Rerank for Given {
        fn order(&self, _: &[(Passage<'_>, &Solicitation)]) -> Vec<usize> {
            self.0.clone()
        }
    }

    #[test]
    fn an_order_that_is_none_falls_back_to_the_scores() {
        let of = |score| Solicitation { score, solicits: false, reasons: vec![], lexicon: String::new() };
        let (low, high) = (of(3), of(9));
        let passages = [(Passage::default(), &low), (Passage::default(), &high)];
        assert_eq!(reranked(&Given(vec![0, 1]), &passages), [0, 1]);
        for wrong in [vec![0, 0], vec![0], vec![0, 7], vec![]] {
            assert_eq!(reranked(&Given(wrong), &passages), [1, 0]);
        }
    }
}
