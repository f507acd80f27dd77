//! The page of the documentation that shows the rates of services.

use crate::table::interval;
use athar_entities::Tally;
use athar_entities::services::{FoundRate, RuleRate, ServiceRates};
use std::fmt::Write;

/// Where the page lies in the project.
pub const PAGE: &str = "docs/reference/service-rates.md";
/// Where the rates lie that the program is built with.
pub const DATA: &str = "crates/entities/data/service_rates.json";

const HEAD: &str = "# Error rates of inferred services

Made by `athar bench services --write`; not written by hand. The same figures are built into the program, and every answer that
infers a service quotes those of its rule. What the rules look at is on the [page of services](services.md). Intervals are of
95 % (Wilson).

**What these figures are not:** rates on the real chain. Where the simulator flatters the rules:

- its exchanges, market and processor sweep deposits together with a coin of their working wallet, so co-spend alone gathers a
  service into one entity; a service that sweeps each deposit by itself is many small entities, and is missed;
- its people make far fewer payments than the busiest real ones, so nobody comes near the bounds by being busy; real over-the-counter
  traders, bots and spammers will;
- apart from hidden exchangers its campaigns have some tens of donors and pay one or two places; collections of a thousand donors that
  peel, spend or pay forty helpers are held against the rules in tests, and a real one that pays hundreds of people in batches for
  months looks like a payment processor: no figure here says how often there is one;
- its kinds of service are few and each is made by one piece of code, so a rule meets the same habits in every world;
- a world of this size is small: real services are larger by orders of magnitude, which helps recall there, and leaves small
  real services below the bounds.

Sets:

";

/// The page, in Markdown.
pub fn page(rates: &ServiceRates) -> String {
    let mut page = String::from(HEAD);
    let _ = writeln!(page, "- rules {}.{}", rates.figures_version, rates.rules_version);
    for set in &rates.sets {
        let _ = writeln!(page, "- {set}");
    }
    let campaigns = rates.campaigns;
    let _ = writeln!(
        page,
        "\n**Campaign entities wrongly stopped at: {} of {}** ({}). Entities that hold addresses of campaigns or of their look-alikes \
         (appeals of charities, shops, ticket sales), each once. Most are a few addresses that take part in a few transactions; \
         of the {} that do enough to have figures at all, {} ({}).",
        campaigns.wrong,
        campaigns.of,
        interval(campaigns),
        rates.campaigns_counted.of,
        rates.campaigns_counted.wrong,
        interval(rates.campaigns_counted)
    );
    page.push_str(
        "\n## Precision\n\nAn *entity* is wrong where the owner of most of its addresses pools nobody's money, and of another kind where \
         that is no service of the rule's own kinds. A *payment* of one to another is wrong where a trace stops at it by the rule and \
         it pays no service.\n\n\
         | rule | entities | no service | share, 95 % | of another kind | payments stopped at | to no service | share, 95 % |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for rate in &rates.rules {
        let _ = writeln!(page, "| {} |", precision(rate));
    }
    page.push_str(
        "\n## Recall\n\nA service is *missed* where no rule recognises an entity that is mainly its own; a payment to a service, where no \
         rule recognises the entity that it pays.\n\n\
         | kind | services | missed | share, 95 % | payments to them | missed | share, 95 % |\n|---|---|---|---|---|---|---|\n",
    );
    for kind in &rates.kinds {
        let _ = writeln!(page, "| {} | {} |", kind.kind, recall(&kind.found));
    }
    let _ = writeln!(page, "| all | {} |", recall(&rates.found));
    page.push_str(
        "\n## Who must not be recognised\n\nOf campaigns and look-alikes every entity; of others every entity that does enough to have \
         figures at all.\n\n| owner | entities | recognised | share, 95 % |\n|---|---|---|---|\n",
    );
    for other in &rates.others {
        let _ = writeln!(page, "| {} | {} |", other.kind, tally(other.entities));
    }
    page.push_str(
        "\n## By world\n\n| seed | rule | entities | no service | services | missed | campaign entities | stopped at |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for world in &rates.worlds {
        let (found, campaigns) = (world.found.services, world.campaigns);
        let rest = format!("{} | {} | {} | {}", found.of, found.wrong, campaigns.of, campaigns.wrong);
        for rate in &world.rules {
            let entities = rate.entities;
            let _ =
                writeln!(page, "| {} | {} | {} | {} | {rest} |", world.seed, rate.rule, entities.of, entities.wrong);
        }
    }
    page
}

fn tally(t: Tally) -> String {
    format!("{} | {} | {}", t.of, t.wrong, interval(t))
}

fn precision(rate: &RuleRate) -> String {
    format!("{} | {} | {} | {}", rate.rule, tally(rate.entities), rate.of_kind.wrong, tally(rate.payments))
}

fn recall(found: &FoundRate) -> String {
    format!("{} | {}", tally(found.services), tally(found.payments))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use athar_entities::services::{FIGURES_VERSION, RuleSet};

    #[test]
    fn the_page_in_the_documentation_is_that_of_the_shipped_rates() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
        let found = std::fs::read_to_string(path).unwrap();
        assert!(found == page(ServiceRates::shipped()), "run `athar bench services --write`");
    }

    #[test]
    fn the_shipped_rates_are_of_the_shipped_rules() {
        let (rates, rules) = (ServiceRates::shipped(), RuleSet::shipped());
        let found: Vec<_> = rates.rules.iter().map(|r| &r.rule).collect();
        let wanted: Vec<_> = rules.rules.iter().map(|r| &r.name).collect();
        assert_eq!(found, wanted, "run `athar bench services --write`");
        assert_eq!((rates.rules_version, rates.figures_version), (rules.version, FIGURES_VERSION));
        assert!(rates.campaigns.of > 100 && rates.found.services.of > 50);
    }
}
