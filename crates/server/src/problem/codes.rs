//! Every error that the service answers with, by its stable code.
//!
//! `docs/reference/errors.md` has a section for each; a test holds the two together. A code is never given another meaning:
//! what it says may be put better, what it is for may not change.

/// One kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable name, in answers and in the documentation.
    pub name: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// What it is, in one sentence.
    pub title: &'static str,
}

macro_rules! codes {
    ($($constant:ident $name:literal $status:literal $title:literal;)*) => {
        $(#[doc = $title] pub const $constant: Code = Code { name: $name, status: $status, title: $title };)*
        /// All codes, in the order of the documentation.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    NO_SUCH_ROUTE "no_such_route" 404 "There is nothing at this path.";
    METHOD_NOT_ALLOWED "method_not_allowed" 405 "The path is there, but not with this method.";
    PATH_INVALID "path_invalid" 400 "The path cannot be read.";
    HOST_REFUSED "host_refused" 403 "Without keys the service answers only to names of this machine.";
    UNAUTHENTICATED "unauthenticated" 401 "The request carries neither an API key nor a session.";
    KEY_UNKNOWN "key_unknown" 401 "The API key is not one of this service's.";
    KEY_EXPIRED "key_expired" 401 "The API key has expired.";
    KEY_REVOKED "key_revoked" 401 "The API key was revoked.";
    SCOPE_MISSING "scope_missing" 403 "Neither the API key nor the role has the scope that the route asks for.";
    LOGIN_REFUSED "login_refused" 401 "Name and password do not fit together.";
    LOGIN_LOCKED "login_locked" 429 "Too many wrong passwords were given for this name.";
    LOGIN_PROVIDER "login_provider" 503 "The provider of logins does not answer as it should.";
    ORIGIN_REFUSED "origin_refused" 403 "A page of another site sent the request.";
    CSRF_REFUSED "csrf_refused" 403 "The request changes something and does not carry the token of its session.";
    RATE_LIMITED "rate_limited" 429 "More requests were made than may be.";
    BUSY "busy" 503 "All workers are busy, and as many requests as may wait are waiting.";
    TIME_LIMIT "time_limit" 503 "The answer took longer than a request may.";
    SHUTTING_DOWN "shutting_down" 503 "The service is being stopped.";
    PARAMETER_UNKNOWN "parameter_unknown" 400 "The route takes no parameter of this name.";
    PARAMETER_MISSING "parameter_missing" 400 "A parameter that the route needs is missing.";
    PARAMETER_REPEATED "parameter_repeated" 400 "A parameter that may be given once is given several times.";
    PARAMETER_INVALID "parameter_invalid" 400 "The value of a parameter is not of its form or not in its range.";
    CURSOR_INVALID "cursor_invalid" 400 "The cursor is none that this service gave.";
    CURSOR_OTHER_QUESTION "cursor_other_question" 400 "The cursor belongs to another question.";
    CURSOR_EXPIRED "cursor_expired" 410 "The store has changed since the cursor was given.";
    MEDIA_TYPE_UNSUPPORTED "media_type_unsupported" 415 "The body's media type is not one that the route reads.";
    NOT_ACCEPTABLE "not_acceptable" 406 "The route does not answer in the media type asked for.";
    BODY_TOO_LARGE "body_too_large" 413 "The body is larger than the service takes.";
    BODY_TIMEOUT "body_timeout" 408 "The body did not arrive in time.";
    BODY_INVALID "body_invalid" 400 "The body cannot be read.";
    BATCH_EMPTY "batch_empty" 422 "The batch holds no subject.";
    BATCH_TOO_LARGE "batch_too_large" 422 "The batch holds more subjects than a request may.";
    POLICY_UNKNOWN "policy_unknown" 422 "There is no policy of this name.";
    SUBJECT_MALFORMED "subject_malformed" 422 "The subject is not of the documented form.";
    SUBJECT_INVALID "subject_invalid" 422 "The value is no address, transaction, output or listed number.";
    SUBJECT_KIND_OTHER "subject_kind_other" 422 "The value is something else than the subject says it is.";
    SUBJECT_CHAIN_OTHER "subject_chain_other" 422 "The value belongs to another chain than the subject says.";
    CHAIN_UNKNOWN "chain_unknown" 422 "There is no chain of this name.";
    AMOUNT_INVALID "amount_invalid" 422 "The amount is no decimal number in a string.";
    TARGET_INVALID "target_invalid" 400 "What was asked about is not of a form that the route takes.";
    NOT_FOUND "not_found" 404 "The store does not hold what was asked about.";
    STORE_EMPTY "store_empty" 409 "The store holds no blocks of the chain.";
    ENTITIES_MISSING "entities_missing" 409 "The store has no entities of the clustering asked for.";
    LISTS_MISSING "lists_missing" 409 "The store has no list to screen names against.";
    IDEMPOTENCY_KEY_INVALID "idempotency_key_invalid" 400 "The idempotency key is not 1 to 255 printable characters.";
    IDEMPOTENCY_KEY_REUSED "idempotency_key_reused" 422 "The idempotency key was used with another request.";
    IDEMPOTENCY_IN_PROGRESS "idempotency_in_progress" 409 "A request with this idempotency key is being answered.";
    IDEMPOTENCY_SPENT "idempotency_spent" 409 "The request was answered before, and the answer was too long to be kept.";
    FIELD_INVALID "field_invalid" 422 "A field of the body is not of its form.";
    TOO_MANY "too_many" 422 "There are as many as there may be.";
    SUBJECT_NOT_WATCHABLE "subject_not_watchable" 422 "What is screened is nothing that can be watched.";
    VERSION_CONFLICT "version_conflict" 409 "Somebody else changed it since the version that the request names.";
    STATE_REFUSED "state_refused" 409 "What was asked for does not fit the state that it is in.";
    CASE_FORBIDDEN "case_forbidden" 403 "The role in the case does not let this be done.";
    ARCHIVE_INVALID "archive_invalid" 422 "The file is no exported case that can be taken in.";
    WEBHOOK_TARGET_REFUSED "webhook_target_refused" 422 "Webhooks are not sent to such a target.";
    NOT_READY "not_ready" 503 "A part that the service needs does not answer.";
    TEAM_UNAVAILABLE "team_unavailable" 503 "The database of users and cases does not answer, or there is none.";
    DESK_UNAVAILABLE "desk_unavailable" 409 "The store cannot be written, so the service keeps nothing.";
    SIGHTINGS_UNAVAILABLE "sightings_unavailable" 409 "The sightings of the store cannot be read, or cannot be written.";
    RECORDS_UNAVAILABLE "records_unavailable" 409 "The off-chain records of the store cannot be read, or cannot be written.";
    STORAGE_FULL "storage_full" 507 "There is no room to write; nothing of the request was stored.";
    JOBS_FULL "jobs_full" 503 "As many jobs as may be are waiting or running.";
    JOB_UNKNOWN "job_unknown" 404 "There is no job of this id, or it is no longer kept.";
    JOB_RESULT_TOO_LARGE "job_result_too_large" 422 "The result of the job is larger than the service keeps.";
    INTERNAL "internal" 500 "The service could not answer, for a reason of its own.";
}

/// The code of that name.
pub fn find(name: &str) -> Option<Code> {
    ALL.iter().copied().find(|code| code.name == name)
}
