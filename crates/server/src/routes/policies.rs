//! The policies of the store.

use super::{Part, READ, Route, Run};
use crate::problem::codes;
use crate::reply::Reply;
use athar_engine::read::{PoliciesView, PolicyTextView, PolicyView, policies, policy_text};

const TAG: &str = "policies";

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/policies",
        id: "policies",
        tag: TAG,
        summary: "Every version of every policy, and which of them decides",
        shape: |g| g.subschema_for::<PoliciesView>(),
        run: Run::Engine(|ask| {
            let mut view = policies(ask.store.folder())?;
            // what is wrong with a file of the machine that serves it is its operator's matter
            for line in &mut view.policies {
                line.defect = line.defect.take().map(|_| "its file is damaged or missing".into());
            }
            Reply::view(&view)
        }),
        ..READ
    },
    Route {
        path: "/v1/policies/{name}",
        id: "policy",
        tag: TAG,
        summary: "A policy with its rules",
        parts: &[Part { name: "name", summary: "`active`, a name, NAME@VERSION, or the beginning of a version" }],
        shape: |g| g.subschema_for::<PolicyView>(),
        codes: &[codes::POLICY_UNKNOWN],
        run: Run::Engine(|ask| Reply::view(&PolicyView::of(ask.store.policy(ask.part(0))?.deciding.clone()))),
        ..READ
    },
    Route {
        path: "/v1/policies/{name}/text",
        id: "policyText",
        tag: TAG,
        summary: "The file of a policy, as it was written",
        parts: &[Part { name: "name", summary: "`active`, a name, NAME@VERSION, or the beginning of a version" }],
        shape: |g| g.subschema_for::<PolicyTextView>(),
        codes: &[codes::POLICY_UNKNOWN],
        run: Run::Engine(|ask| {
            // asked first: it says by the code of its own that there is none
            ask.store.policy(ask.part(0))?;
            Reply::view(&policy_text(ask.store.folder(), ask.part(0))?)
        }),
        ..READ
    },
];
