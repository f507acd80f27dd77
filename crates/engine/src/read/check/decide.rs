//! From what was found, and what could not be, to one answer with its reasons.
//!
//! The answer is the strictest that any reason asks for. What was found counts even where the time was over: a table that
//! lets late answers pass does not let a designated address pass.

use super::knowledge::{KnowledgeView, StoreState};
use super::question::CheckQuestion;
use super::view::{DecidedBy, DecidingPolicy, DecisionView, ReasonCode, ReasonView, millis};
use super::walk::CheckFound;
use crate::read::{AssessedScreenView, Evidence, PolicySet, Statement};
use athar_policy::{Answer, Applied, DecisionTable, Node, Truth};
use athar_types::{Bilingual, Level, Relation, isolated};
use std::collections::BTreeSet;
use std::time::Duration;

/// Labels of one reason that are listed.
const LABELS_MAX: usize = 20;
/// Statements of one reason that are listed.
const STATEMENTS_MAX: usize = 5;
/// Reasons of one answer: rules of a policy are at most 256.
const REASONS_MAX: usize = 300;

/// How looking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckEnd {
    /// Everything was looked at, or as much as the clock allowed: the findings say which.
    Done,
    /// The time was over while something was under way, or before anything was begun. With the cause, in words.
    Late(Bilingual),
    /// Something failed. With the cause, in words.
    Failed(Bilingual),
    /// The store cannot be read. With the cause, in words.
    StoreFailed(Bilingual),
}

/// Everything that a decision is made of.
#[derive(Clone, Debug)]
pub struct CheckMade<'a> {
    /// What was asked.
    pub question: &'a CheckQuestion,
    /// The client's reference.
    pub reference: Option<&'a str>,
    /// The policy; none where it could not be read. The shipped table decides then.
    pub set: Option<&'a PolicySet>,
    /// What the answer is based on; none where the store could not be read.
    pub knowledge: Option<KnowledgeView>,
    /// What was found so far.
    pub found: Option<&'a CheckFound>,
    /// How looking ended.
    pub end: CheckEnd,
    /// The limit that held.
    pub time_limit_ms: u32,
    /// How long it took.
    pub took: Duration,
}

impl CheckMade<'_> {
    /// The decision. It is not kept yet: see [`DecisionView::not_kept`].
    pub fn decide(self) -> DecisionView {
        let table: &DecisionTable = match self.set {
            Some(set) => set.deciding.decision(),
            None => DecisionTable::shipped(),
        };
        let mut reasons: Vec<ReasonView> = Vec::new();
        let assessed = self.found.and_then(|found| found.assessed.as_deref());
        if let Some(found) = self.found {
            of_itself(found, self.question, table, &mut reasons);
            if let Some(assessed) = assessed {
                of_policy(assessed, found, table, &mut reasons);
            }
        }
        let by_rules = reasons.iter().filter_map(|r| r.answer).max().unwrap_or(Answer::Allow);
        let is_late = match &self.end {
            CheckEnd::Late(why) => {
                reasons.push(reason(ReasonCode::Late, table.when_late, why.clone()));
                true
            }
            CheckEnd::Done if by_rules < Answer::Hold && self.found.is_none_or(|found| !found.is_whole) => {
                let says = Bilingual::new(
                    "the time limit was over before everything was looked at",
                    "انتهت المهلة قبل النظر في كل شيء",
                );
                reasons.push(reason(ReasonCode::Late, table.when_late, says));
                true
            }
            _ => false,
        };
        match &self.end {
            CheckEnd::Failed(why) => reasons.push(reason(ReasonCode::Failed, table.when_store_fails, why.clone())),
            CheckEnd::StoreFailed(why) => {
                reasons.push(reason(ReasonCode::StoreFailed, table.when_store_fails, why.clone()));
            }
            _ => {}
        }
        if let (true, None, Some(found)) = (is_late, assessed, self.found)
            && found.malformed.is_none()
        {
            // the policy could not be asked: what is said of the address itself counts by its own level
            reasons.push(ownership(found, table));
        }
        if let Some(knowledge) = &self.knowledge {
            staleness(knowledge, self.found.is_none_or(|f| f.has_chain), table, &mut reasons);
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.answer));
        reasons.truncate(REASONS_MAX);
        let decision = reasons.iter().filter_map(|r| r.answer).max().unwrap_or(Answer::Allow);
        let is_failed = !matches!(self.end, CheckEnd::Done | CheckEnd::Late(_));
        let verdict = assessed.map(|assessed| &assessed.assessment.verdict);
        DecisionView {
            decision,
            decided_by: decided_by(&reasons, decision),
            chain: self.question.chain.name().into(),
            address: self.question.address.clone(),
            asset: self.question.asset.clone(),
            amount: self.question.amount.clone(),
            units: self.question.units.clone(),
            reference: self.reference.map(str::to_owned),
            reasons,
            risk: assessed.map(|a| a.screen.risk).or(self.found.map(|found| found.own.risk)),
            level: verdict.and_then(|v| v.level),
            score: verdict.and_then(|v| v.score),
            policy: self.set.map(|set| DecidingPolicy {
                name: set.deciding.name.clone(),
                version: set.deciding.version().to_owned(),
                has_table: set.deciding.decision.is_some(),
                table: table.version(),
            }),
            depth: self.found.map(|found| found.depth),
            complete: self.found.is_some_and(|found| found.is_whole) && !is_failed,
            same_entity: self.found.and_then(|found| found.same_entity),
            knowledge: self.knowledge,
            notes: notes(self.question, self.found),
            time_limit_ms: self.time_limit_ms,
            took_ms: millis(self.took),
            kept: None,
            snapshot: self.found.and_then(|f| f.snapshot.clone()).filter(|_| !is_late && !is_failed),
        }
    }
}

impl DecisionView {
    /// Why a decision is not kept where its journal fails.
    pub fn journal_failed() -> Bilingual {
        Bilingual::new("the journal of decisions cannot be written", "تعذّرت الكتابة في سجل القرارات")
    }

    /// The same decision where it could not be kept: at least what the table says of that.
    pub fn not_kept(&mut self, table: &DecisionTable, why: &Bilingual) {
        let says = Bilingual::new(
            format!("the decision could not be kept: {}", why.en),
            format!("تعذّر حفظ القرار: {}", why.ar),
        );
        self.reasons.push(reason(ReasonCode::NotKept, table.when_not_kept, says));
        self.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.answer));
        self.decision = self.decision.max(table.when_not_kept);
        self.decided_by = decided_by(&self.reasons, self.decision);
        self.kept = None;
    }

    /// Leaves out what proves the reasons, for a place with little room. Labels and rules stay.
    pub fn shorten(&mut self) {
        for reason in &mut self.reasons {
            reason.truncated |= !reason.evidence.is_empty();
            reason.evidence.clear();
        }
    }
}

/// The first kind, rules before others, of which a reason asks for what was decided.
fn decided_by(reasons: &[ReasonView], decision: Answer) -> DecidedBy {
    let asks = |by| reasons.iter().any(|r| r.code.decided_by() == by && r.answer == Some(decision));
    let kinds = [DecidedBy::Rules, DecidedBy::Error, DecidedBy::Limit, DecidedBy::Staleness];
    // where nothing asks for anything the rules let it pass
    kinds.into_iter().find(|by| asks(*by)).unwrap_or(DecidedBy::Rules)
}

fn reason(code: ReasonCode, answer: Answer, says: Bilingual) -> ReasonView {
    ReasonView {
        code,
        answer: Some(answer),
        says,
        rule: None,
        level: None,
        labels: Vec::new(),
        evidence: Vec::new(),
        listed: Vec::new(),
        truncated: false,
    }
}

/// What the address itself says, whatever the policy.
fn of_itself(found: &CheckFound, question: &CheckQuestion, table: &DecisionTable, reasons: &mut Vec<ReasonView>) {
    if let Some(why) = &found.malformed {
        let chain = question.chain;
        let says = Bilingual::new(
            format!("it is no address of {chain}: {}", why.en),
            format!("ليس هذا عنوانًا على شبكة {}: {}", isolated(chain.name()), why.ar),
        );
        reasons.push(reason(ReasonCode::MalformedAddress, table.malformed_address, says));
    }
    let listed: Vec<_> = found.listed.iter().filter(|l| l.counts).cloned().collect();
    if !found.designated.is_empty() || !listed.is_empty() {
        let says = Bilingual::new(
            "the address, or the entity that it belongs to, is on a sanctions list",
            "العنوان أو الكيان الذي ينتمي إليه مدرج في قائمة عقوبات",
        );
        let mut of = reason(ReasonCode::Listed, table.listed, says);
        of.truncated = found.designated.len() > LABELS_MAX || listed.len() > STATEMENTS_MAX;
        of.labels = found.designated.iter().take(LABELS_MAX).cloned().collect();
        of.listed = listed.into_iter().take(STATEMENTS_MAX).collect();
        reasons.push(of);
    }
    if let Some(first) = found.quarantined.first() {
        let says = Bilingual::new(
            format!("an entry that could not be read as a label names it: {}", first.en),
            format!("ورد ذكره في قيد لم يُقبل وسمًا: {}", first.ar),
        );
        reasons.push(reason(ReasonCode::Quarantined, table.quarantined, says));
    }
    if let Some(why) = &found.from_malformed {
        let says = Bilingual::new(
            format!("the own address is no address of the chain: {}", why.en),
            format!("العنوان المُرسِل ليس عنوانًا على هذه الشبكة: {}", why.ar),
        );
        reasons.push(reason(ReasonCode::MalformedFrom, Answer::Review, says));
    }
    if found.malformed.is_some() {
        return;
    }
    if !found.has_chain {
        let chain = question.chain;
        let says = Bilingual::new(
            format!("the store has no blocks of {chain}: labels and lists alone were asked"),
            format!("لا تحتوي قاعدة البيانات كتل شبكة {}: سُئلت الوسوم والقوائم وحدها", isolated(chain.name())),
        );
        reasons.push(reason(ReasonCode::OtherChain, table.other_chain, says));
    } else if !found.is_seen {
        let says = Bilingual::new(
            "the chain in the store has never seen the address; that says nothing else of it",
            "لم يظهر العنوان قط على السلسلة المحفوظة، ولا يعني ذلك شيئًا آخر عنه",
        );
        reasons.push(reason(ReasonCode::UnknownAddress, table.unknown_address, says));
    }
}

/// What the policy says.
fn of_policy(assessed: &AssessedScreenView, found: &CheckFound, table: &DecisionTable, reasons: &mut Vec<ReasonView>) {
    let verdict = &assessed.assessment.verdict;
    for rule in verdict.rules.iter().filter(|rule| rule.outcome == Truth::True) {
        let level = match rule.effect {
            Applied::Level(level) => Some(level),
            _ => None,
        };
        let mut ids = BTreeSet::new();
        let is_whole = matched(&rule.tree, &mut ids);
        let proves = |statement: &&Statement| {
            statement.evidence.iter().any(|e| matches!(e, Evidence::Label { id, .. } if ids.contains(id.as_str())))
        };
        let evidence: Vec<Statement> =
            assessed.screen.statements.iter().filter(proves).take(STATEMENTS_MAX + 1).cloned().collect();
        reasons.push(ReasonView {
            code: ReasonCode::Rule,
            answer: level.map(|level| table.levels.of(Some(level))),
            says: rule.title.clone(),
            rule: Some(rule.id.clone()),
            level,
            labels: ids.iter().take(LABELS_MAX).map(|id| (*id).to_owned()).collect(),
            truncated: !is_whole || ids.len() > LABELS_MAX || evidence.len() > STATEMENTS_MAX,
            evidence: evidence.into_iter().take(STATEMENTS_MAX).collect(),
            listed: Vec::new(),
        });
    }
    let answer = table.of_verdict(verdict.level, verdict.score);
    let [score, score_ar] = verdict.score.map_or_else(Default::default, |score| {
        [format!(", {score}"), format!("، الدرجة {}", isolated(&score.to_string()))]
    });
    let says = match verdict.level {
        None => Bilingual::new("no rule of the policy applies", "لا تنطبق أيّ قاعدة من قواعد السياسة"),
        Some(level) => Bilingual::new(
            format!("the policy gives the level {level}{score}"),
            format!("تعطي السياسة المستوى {}{score_ar}", level_ar(level)),
        ),
    };
    let mut of = reason(ReasonCode::Verdict, answer, says);
    of.level = verdict.level;
    reasons.push(of);
    // what a clock left out is told as late, and what was not looked at because of a hold changes nothing
    let could_be = table.of_verdict(verdict.level_at_most, verdict.score_at_most);
    if found.is_whole && !verdict.undecided.is_empty() && could_be > answer {
        let rules = verdict.undecided.iter().take(LABELS_MAX).cloned().collect::<Vec<_>>().join(", ");
        let says = Bilingual::new(
            format!("it is not known whether these rules hold: {rules}"),
            format!("لا يُعرف هل تنطبق هذه القواعد: {}", isolated(&rules)),
        );
        // never stricter than what the rules themselves would have asked for
        reasons.push(reason(ReasonCode::Undecided, table.undecided.min(could_be), says));
    }
}

/// The identities of labels that made a rule hold; whether all of them are told.
fn matched<'a>(node: &'a Node, ids: &mut BTreeSet<&'a str>) -> bool {
    if node.outcome != Truth::True {
        return true;
    }
    ids.extend(node.matched.iter().map(|m| m.label_id.as_str()).filter(|id| !id.is_empty()));
    node.children.iter().fold(!node.matched_truncated, |whole, child| matched(child, ids) & whole)
}

fn ownership(found: &CheckFound, table: &DecisionTable) -> ReasonView {
    let own = found.own.statements.iter().filter(|s| s.relation == Relation::Ownership);
    let level = own.clone().map(|s| s.level).max();
    let names: BTreeSet<&str> = own.clone().map(|s| s.label.as_str()).take(3).collect();
    let says = match level {
        None => Bilingual::new("no label speaks of the address itself", "لا وسم للعنوان نفسه"),
        Some(level) => {
            let names = names.into_iter().map(crate::shortened).collect::<Vec<_>>().join(", ");
            Bilingual::new(
                format!("of the address itself is said: {names}; level {level}"),
                format!("يقال عن العنوان نفسه: {}، المستوى {}", isolated(&names), level_ar(level)),
            )
        }
    };
    // that nothing is said within the time is no leave to pass: the limit's own answer stands beside it
    let mut of = reason(ReasonCode::Ownership, level.map_or(Answer::Allow, |l| table.levels.of(Some(l))), says);
    of.level = level;
    of.labels = own.flat_map(|s| s.evidence.iter().map(|label| label.id.clone())).take(LABELS_MAX).collect();
    of
}

fn staleness(knowledge: &KnowledgeView, has_chain: bool, table: &DecisionTable, reasons: &mut Vec<ReasonView>) {
    match &knowledge.store {
        StoreState::Current => {}
        StoreState::Older(_) => {
            let says = Bilingual::new(
                "a newer state of the store cannot be opened; the one before was asked",
                "تعذّر فتح حالة أحدث من قاعدة البيانات، فسُئلت الحالة السابقة",
            );
            reasons.push(reason(ReasonCode::StoreFailed, table.when_store_fails, says));
        }
        StoreState::Missing(_) => {
            let says = Bilingual::new("the store is no longer there", "لم تعد قاعدة البيانات موجودة");
            reasons.push(reason(ReasonCode::StoreFailed, table.when_store_fails, says));
        }
    }
    // a chain that the store does not have at all is another matter; lists are the same for every chain
    let behind: Vec<&str> = knowledge.behind.iter().copied().filter(|b| has_chain || *b == "lists_days").collect();
    if behind.is_empty() {
        return;
    }
    let tip = knowledge.tip_height.map_or_else(|| "-".into(), |height| height.to_string());
    let age = knowledge.tip_age_s.map_or_else(|| "-".into(), |age| age.to_string());
    let blocks = knowledge.blocks_behind.map_or_else(|| "?".into(), |blocks| blocks.to_string());
    let lists = knowledge.lists_day.map_or_else(|| "-".into(), |day| day.to_string());
    let which = behind.join(", ");
    let arabic = behind.iter().map(|of| match *of {
        "blocks" => "بالكتل",
        "seconds" => "بالثواني",
        "lists_days" => "بأيام القوائم",
        other => other,
    });
    let says = Bilingual::new(
        format!(
            "the store is behind by more than the policy allows ({which}): last block {tip}, {age} s old, {blocks} blocks behind, \
             lists of {lists}"
        ),
        format!(
            "قاعدة البيانات متأخرة أكثر مما تسمح به السياسة ({}): آخر كتلة {}، عمرها بالثواني {}، وعدد الكتل المتأخرة {}، وآخر استيراد \
             للقوائم {}",
            arabic.collect::<Vec<_>>().join("، "),
            isolated(&tip),
            isolated(&age),
            isolated(&blocks),
            isolated(&lists)
        ),
    );
    reasons.push(reason(ReasonCode::Behind, table.when_behind.answer, says));
}

fn notes(question: &CheckQuestion, found: Option<&CheckFound>) -> Vec<Bilingual> {
    let mut notes = Vec::new();
    if (question.amount.is_some() || question.units.is_some()) && question.attempt().is_none() {
        notes.push(Bilingual::new(
            "the amount is not of the chain's coin, or too large for rules about it: what the policy asks about it is open",
            "المبلغ ليس بعملة السلسلة نفسها أو أكبر مما تتناوله القواعد: ما تسأل عنه السياسة في شأنه يبقى غير محسوم",
        ));
    }
    let assessed = found.and_then(|found| found.assessed.as_deref());
    notes.extend(assessed.into_iter().flat_map(|a| a.screen.notes.iter().cloned()).take(10));
    notes
}

/// A level in Arabic.
pub(super) fn level_ar(level: Level) -> &'static str {
    match level {
        Level::Unknown => "غير معروف",
        Level::None => "لا خطر",
        Level::Low => "منخفض",
        Level::Medium => "متوسط",
        Level::High => "مرتفع",
        Level::Severe => "شديد",
    }
}
