//! The document: the template once for each language, put together in one page.

use crate::error::ReportError;
use crate::flow::{BoxText, Caption, Column, Flow, Kind, Names, Node, draw};
use crate::i18n::{Language, Piece, Texts, pieces};
use crate::input::CaseReport;
use crate::model::{Model, Worth};
use crate::numbers;
use crate::visible::{middle_out, visible};
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape, UndefinedBehavior, context, syntax::SyntaxConfig};
use serde::Serialize;

/// Writes the whole document.
pub(crate) fn render(case: &CaseReport<'_>) -> Result<String, ReportError> {
    if let Some(origin) = case.origin
        && (origin.direction != "backward" || case.trace.direction == "backward" || origin.target != case.trace.target)
    {
        return Err(ReportError::Origin { target: visible(&case.trace.target) });
    }
    let model = Value::from(Serde(Model::of(case)?));
    let flow = Flow::of(case.trace, case.origin, &Names::of(case));
    let mut parts = Vec::with_capacity(Language::ALL.len());
    for language in Language::ALL {
        let speaker = Speaker { language, texts: language.texts()? };
        let title = match language {
            Language::English => case.title.english,
            Language::Arabic => case.title.arabic,
        };
        let diagram = Diagram::of(&flow, &speaker, case);
        let article = environment(speaker)?.get_template("article.html")?.render(context! {
            code => language.code(),
            dir => language.dir(),
            title => visible(title),
            diagram => Value::from(Serde(&diagram)),
            svg => Value::from_safe_string(diagram.svg.clone()),
            m => model.clone(),
        })?;
        parts.push(context! {
            code => language.code(),
            dir => language.dir(),
            name => speaker.plain("page.language", &[]),
            is_first => language == case.opens_in,
            switch => speaker.plain("page.switch", &[]),
            html => Value::from_safe_string(article),
        });
    }
    let first = Speaker { language: case.opens_in, texts: case.opens_in.texts()? };
    let title = match case.opens_in {
        Language::English => case.title.english,
        Language::Arabic => case.title.arabic,
    };
    let page = environment(first)?.get_template("page.html")?.render(context! {
        code => case.opens_in.code(),
        title => visible(title),
        style => Value::from_safe_string(include_str!("../template/style.css").into()),
        parts,
    })?;
    Ok(page)
}

/// Speaks one language.
#[derive(Clone, Copy, Debug)]
struct Speaker {
    language: Language,
    texts: &'static Texts,
}

impl Speaker {
    /// The text of a key; the key itself where there is none, which a test makes sure never happens.
    fn text<'a>(&self, key: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.texts.get(key).unwrap_or(key)
    }

    /// A text with values put in, not escaped: for places that escape by themselves.
    fn plain(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut out = String::new();
        for piece in pieces(self.text(key)) {
            match piece {
                Piece::Words(words) | Piece::Code(words) => out.push_str(words),
                Piece::Place(name) => {
                    out.push_str(values.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| *value));
                }
            }
        }
        out
    }

    /// A counted thing: `3 addresses`.
    fn count(&self, thing: &str, n: u64) -> String {
        let key = format!("count.{thing}.{}", self.language.plural(n));
        self.plain(&key, &[("n", &numbers::grouped(n))])
    }

    /// The word for a name of an answer (a category, a bound); the name itself where no word is known.
    fn term(&self, group: &str, name: &str) -> String {
        self.texts.get(&format!("{group}.{name}")).map_or_else(|| visible(name), Into::into)
    }

    /// The words for several names, as a list.
    fn terms(&self, names: &[String], group: &str) -> String {
        let words: Vec<String> = names.iter().map(|name| self.term(group, name)).collect();
        words.join(if self.language.is_rtl() { "، " } else { ", " })
    }

    /// A text with values put in, as HTML: values that are not markup already are escaped.
    fn html(&self, key: &str, values: &Kwargs) -> Result<String, Error> {
        let text = self
            .texts
            .get(key)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("there is no text `{key}`")))?;
        let mut out = String::new();
        let put = |name: &str, out: &mut String| -> Result<(), Error> {
            let value: Value = values.get(name)?;
            let text = value.to_string();
            if value.is_safe() {
                out.push_str(&text);
            } else {
                out.push_str(&HtmlEscape(&text).to_string());
            }
            Ok(())
        };
        for piece in pieces(text) {
            match piece {
                Piece::Words(words) => out.push_str(&HtmlEscape(words).to_string()),
                Piece::Place(name) => put(name, &mut out)?,
                Piece::Code(code) => {
                    out.push_str("<code dir=\"ltr\">");
                    for piece in pieces(code) {
                        match piece {
                            Piece::Place(name) => put(name, &mut out)?,
                            Piece::Words(words) | Piece::Code(words) => out.push_str(&HtmlEscape(words).to_string()),
                        }
                    }
                    out.push_str("</code>");
                }
            }
        }
        values.assert_all_used()?;
        Ok(out)
    }
}

/// The templates, speaking one language.
fn environment(speaker: Speaker) -> Result<Environment<'static>, ReportError> {
    let mut env = Environment::new();
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    // a misspelt name must fail, not write nothing
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.add_function("t", move |key: &str, values: Kwargs| speaker.html(key, &values).map(Value::from_safe_string));
    env.add_function("count", move |thing: &str, n: u64| speaker.count(thing, n));
    env.add_function("term", move |group: &str, name: &str| speaker.term(group, name));
    env.add_filter("grouped", numbers::grouped);
    env.add_filter("terms", move |names: Vec<String>, group: &str| speaker.terms(&names, group));
    env.add_template("macros.html", include_str!("../template/macros.html"))?;
    env.add_template("article.html", include_str!("../template/article.html"))?;
    env.add_template("finding.html", include_str!("../template/finding.html"))?;
    env.add_template("money.html", include_str!("../template/money.html"))?;
    env.add_template("tables.html", include_str!("../template/tables.html"))?;
    env.add_template("evidence.html", include_str!("../template/evidence.html"))?;
    env.add_template("method.html", include_str!("../template/method.html"))?;
    env.add_template("edges.html", include_str!("../template/edges.html"))?;
    env.add_template("page.html", include_str!("../template/page.html"))?;
    Ok(env)
}

/// The diagram and the table that says the same.
#[derive(Debug, Serialize)]
struct Diagram {
    #[serde(skip)]
    svg: String,
    rows: Vec<DiagramRow>,
}

#[derive(Debug, Serialize)]
struct DiagramRow {
    from: BoxName,
    to: BoxName,
    btc: String,
    movements: u64,
}

/// A box in words.
#[derive(Clone, Debug, Serialize)]
struct BoxName {
    text: String,
    is_code: bool,
    sub: String,
}

impl Diagram {
    fn of(flow: &Flow, speaker: &Speaker, case: &CaseReport<'_>) -> Self {
        let headings: Vec<String> = flow.columns.iter().map(|c| heading(speaker, *c, flow.backward)).collect();
        let words: Vec<(BoxText, BoxName)> =
            flow.nodes.iter().map(|n| words(speaker, n, &headings[n.column])).collect();
        // money moves from near to far in a forward trace, from far to near in a backward one
        let ends = |near: usize, far: usize| if flow.backward { (far, near) } else { (near, far) };
        let links = flow.links.iter().map(|link| {
            let (from, to) = ends(link.near, link.far);
            let arrow = if speaker.language.is_rtl() { "←" } else { "→" };
            let movements = speaker.count("movement", link.movements);
            let btc = numbers::btc(link.sat);
            format!("{} {arrow} {}: {btc} BTC ({movements})", words[from].0.title, words[to].0.title)
        });
        let rows = flow.links.iter().map(|link| {
            let (from, to) = ends(link.near, link.far);
            let name = |at: usize| words[at].1.clone();
            DiagramRow { from: name(from), to: name(to), btc: numbers::btc(link.sat), movements: link.movements }
        });
        let target = middle_out(&case.trace.target, 12, 8);
        let caption = Caption {
            id: match speaker.language {
                Language::English => "en-flow",
                Language::Arabic => "ar-flow",
            },
            title: speaker.plain("money.diagram_title", &[]),
            desc: speaker.plain(
                "money.diagram_desc",
                &[
                    ("nodes", &speaker.count("box", flow.nodes.len() as u64)),
                    ("columns", &speaker.count("column", flow.columns.len() as u64)),
                    ("source", &format!("{} BTC", numbers::btc(case.trace.source_sat))),
                    ("target", &visible(&target)),
                ],
            ),
            columns: headings,
            links: links.collect(),
        };
        let texts: Vec<BoxText> = words.iter().map(|(text, _)| text.clone()).collect();
        Self { svg: draw(flow, &texts, &caption, speaker.language.is_rtl()), rows: rows.collect() }
    }
}

fn heading(speaker: &Speaker, column: Column, backward: bool) -> String {
    match column {
        Column::Payers => speaker.plain("node.payers", &[]),
        Column::Source => speaker.plain("node.source", &[]),
        Column::Hops(a, b) if a == b => speaker.plain("node.hop", &[("n", &a.to_string())]),
        Column::Hops(a, b) => speaker.plain("node.hops", &[("a", &a.to_string()), ("b", &b.to_string())]),
        Column::Ends if backward => speaker.plain("node.origins", &[]),
        Column::Ends => speaker.plain("node.ends", &[]),
    }
}

/// What a sum is worth, and what of it has no price.
fn in_words(speaker: &Speaker, worth: Worth) -> String {
    let Some(usd) = worth.usd() else { return speaker.plain("table.no_price", &[]) };
    let usd = format!("{} USD", numbers::usd(usd));
    if worth.unpriced_sat() == 0 {
        return usd;
    }
    let unpriced = format!("{} BTC", numbers::btc(worth.unpriced_sat()));
    format!("{usd} {}", speaker.plain("table.partly", &[("amount", &unpriced)]))
}

/// What a box says, in the drawing and in the table.
fn words(speaker: &Speaker, node: &Node, heading: &str) -> (BoxText, BoxName) {
    let say = |key: &str| speaker.plain(key, &[]);
    let counted = |thing: &str| if node.count > 0 { speaker.count(thing, node.count) } else { String::new() };
    let category = node.category.as_deref().map(|c| speaker.term("category", c));
    let name = node.name.as_deref().map(visible);
    let (full, is_code, sub) = match (node.kind, name) {
        (Kind::Payer | Kind::Service | Kind::Hop, Some(name)) if category.is_some() => {
            (name, false, category.unwrap_or_default())
        }
        (Kind::Hop, Some(name)) => (name, true, say("node.unlabelled")),
        (Kind::Source, Some(name)) => (name, true, say("page.kind_subject")),
        (Kind::Hop | Kind::Source, None) => {
            let title = if node.count > 1 { counted("address") } else { say("node.no_address") };
            (title, false, heading.to_string())
        }
        (Kind::HopOthers, _) => (say("node.others"), false, counted("address")),
        (Kind::Payer | Kind::Service, _) => (speaker.term("reason", "service"), false, counted("output")),
        (Kind::OtherServices, _) => (say("node.other_services"), false, counted("output")),
        (Kind::OtherPayers, _) => (say("node.other_payers"), false, counted("address")),
        (Kind::CoinJoin, _) => (say("node.coinjoin"), false, counted("output")),
        (Kind::Held, _) => (say("node.held"), false, counted("output")),
        (Kind::Minted, _) => (say("node.minted"), false, counted("output")),
        (Kind::Returned, _) => (say("node.returned"), false, String::new()),
        (Kind::Bounded, _) => (say("node.bounded"), false, String::new()),
        (Kind::Fee, _) => (say("node.fee"), false, String::new()),
        (Kind::FeeBounded, _) => (say("node.fee_bounded"), false, String::new()),
        (Kind::Unlisted, _) => (say("node.unlisted"), false, String::new()),
    };
    let amount = format!("{} BTC", numbers::btc(node.sat));
    let usd = node.worth.map(|worth| format!(" ({})", in_words(speaker, worth))).unwrap_or_default();
    let separator = if sub.is_empty() { "" } else { " – " };
    let text = BoxText {
        title: if is_code { middle_out(&full, 8, 6).into_owned() } else { full.clone() },
        is_code,
        sub: sub.clone(),
        tip: format!("{full}{separator}{sub}: {amount}{usd}"),
        amount,
    };
    (text, BoxName { text: full, is_code, sub })
}
