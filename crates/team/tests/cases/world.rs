//! A team of some people, and what they write.

use crate::support;
use athar_team::cases::{
    Body, Case, CaseError, CaseFields, CaseRole, Cases, Finding, Graph, Kind, Link, Note, Subject, SubjectKind, Task,
    Who,
};
use athar_team::{Actor, NewPassword, NewUser, Role, Team};
use serde_json::value::RawValue;

pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const ADDRESS: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
pub(crate) const OTHER: &str = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";

/// A team, and people of it.
pub(crate) struct World {
    pub(crate) team: Team,
    pub(crate) owner: Who,
    pub(crate) editor: Who,
    pub(crate) reader: Who,
    /// A member of no case.
    pub(crate) outsider: Who,
    /// One who sees every case.
    pub(crate) supervisor: Who,
}

pub(crate) fn on_each(test: impl Fn(&World)) {
    support::on_each(|url| test(&World::open(url)));
}

impl World {
    pub(crate) fn open(url: &str) -> Self {
        let team = Team::open(url).unwrap();
        let person = |name: &str, role: Role| {
            let new = NewUser {
                name: name.into(),
                display: format!("The {name}"),
                role,
                language: "en".into(),
                password: NewPassword::None,
            };
            let (user, _) = team.create_user(&Actor::System, NOW, &new).unwrap();
            Who {
                user: Some(user.id),
                actor: Actor::User(user.id),
                writes: role >= Role::Analyst,
                supervises: role >= Role::Supervisor,
            }
        };
        let [owner, editor, reader, outsider] =
            ["owner", "editor", "reader", "outsider"].map(|name| person(name, Role::Analyst));
        let supervisor = person("supervisor", Role::Supervisor);
        Self { team, owner, editor, reader, outsider, supervisor }
    }

    pub(crate) fn cases(&self) -> Cases<'_> {
        self.team.cases()
    }

    /// A case with its owner, an editor and a reader.
    pub(crate) fn case(&self, title: &str) -> Case {
        let case = self.cases().make(&self.owner, &fields(title), NOW).unwrap();
        for (who, role) in [(&self.editor, CaseRole::Editor), (&self.reader, CaseRole::Reader)] {
            self.cases().put_member(&self.owner, case.id, who.user.unwrap(), role, NOW).unwrap();
        }
        self.cases().case(&self.owner, case.id, NOW).unwrap()
    }

    pub(crate) fn add(&self, who: &Who, case: i64, body: Body) -> i64 {
        self.cases().add(who, case, body, None, NOW).unwrap().item.id
    }

    /// What all items of a case say.
    pub(crate) fn said(&self, case: i64) -> Vec<(i64, String)> {
        let mut said = Vec::new();
        for kind in Kind::ALL {
            let page = self.cases().items(&self.supervisor, case, kind, 0, 1_000, NOW).unwrap();
            assert_eq!(page.next, None);
            said.extend(page.items.into_iter().map(|item| (item.id, item.body.get().to_owned())));
        }
        said
    }

    /// Actions and outcomes of the audit log, the oldest first.
    pub(crate) fn audit(&self) -> Vec<(String, String)> {
        let mut all = self.team.audit(&athar_team::AuditOf::default(), 1_000).unwrap();
        all.reverse();
        all.into_iter().map(|entry| (entry.action, entry.outcome)).collect()
    }
}

pub(crate) fn fields(title: &str) -> CaseFields {
    CaseFields { title: title.into(), ..CaseFields::default() }
}

pub(crate) fn note(text: &str) -> Body {
    Body::Note(Note { text: text.into() })
}

pub(crate) fn subject(value: &str) -> Body {
    Body::Subject(Subject {
        kind: SubjectKind::Address,
        chain: Some("bitcoin".into()),
        value: value.into(),
        note: String::new(),
    })
}

pub(crate) fn task(text: &str) -> Body {
    Body::Task(Task { text: text.into(), assignee: None, due: None, done: false })
}

pub(crate) fn link(case: i64) -> Body {
    Body::Link(Link { case: Some(case), elsewhere: None, why: "the same coupons".into() })
}

pub(crate) fn finding(statement: &str) -> Body {
    Body::Finding(Finding {
        statement: statement.into(),
        path: "/v1/status".into(),
        snapshot: "s1".into(),
        pinned: json(r#"{"a":1, "big":123456789012345678901234567890}"#),
        note: String::new(),
    })
}

pub(crate) fn graph(name: &str, nodes: usize) -> Body {
    let nodes: Vec<String> = (0..nodes).map(|node| format!("\"n{node}\"")).collect();
    Body::Graph(Graph { name: name.into(), document: json(&format!("{{\"nodes\":[{}]}}", nodes.join(","))) })
}

pub(crate) fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.into()).unwrap()
}

/// What an error is, without its words.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, CaseError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(CaseError::Absent(_)) => "absent",
        Err(CaseError::Forbidden(_)) => "forbidden",
        Err(CaseError::Input { .. }) => "input",
        Err(CaseError::TooMany { .. }) => "too many",
        Err(CaseError::Overtaken { .. }) => "overtaken",
        Err(CaseError::State(_)) => "state",
        Err(CaseError::Archive { .. }) => "archive",
        Err(other) => panic!("{other}"),
    }
}
