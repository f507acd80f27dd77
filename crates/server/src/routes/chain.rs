//! What happened on the chain, and which addresses act as one.

use super::{Part, READ, Route, Run, found};
use crate::parameters::{CHAIN, DAYS, Kind, PAGE, Param};
use crate::problem::codes;
use crate::reply::Reply;
use athar_engine::read::{
    AccountAddressView, AccountBlockView, AccountEntityView, AccountExplainView, AccountTxView, AddressView, BlockView,
    CoinJoinView, ConflictsView, EntityAnswer, EntityGrowthView, EntityPastView, ExplainView, MempoolView,
    ScreenOptions, ScreenView, StatusView, TxView, WITHOUT_EDGES, WithoutView, mempool,
};

const TAG: &str = "chain";
const STORE: &[codes::Code] = &[codes::NOT_FOUND, codes::TARGET_INVALID, codes::STORE_EMPTY, codes::ENTITIES_MISSING];
const TARGET_MAX: usize = 4_096;

const ADDRESS: Part = Part { name: "address", summary: "Address" };
const TXID: Part = Part { name: "txid", summary: "Transaction id" };

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/status",
        id: "status",
        tag: TAG,
        summary: "What the store holds",
        params: &[CHAIN],
        shape: |g| g.subschema_for::<StatusView>(),
        run: Run::Engine(|ask| Reply::view(&ask.engine()?.status()?)),
        ..READ
    },
    Route {
        path: "/v1/block/{block}",
        id: "block",
        tag: TAG,
        summary: "A block, by height or hash",
        parts: &[Part { name: "block", summary: "Height or hash" }],
        params: &[CHAIN],
        shape: |g| super::either::<BlockView, AccountBlockView>(g),
        codes: STORE,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                found(engine.account_block(ask.part(0))?)
            } else {
                found(engine.block(ask.part(0))?)
            }
        }),
        ..READ
    },
    Route {
        path: "/v1/tx/{txid}",
        id: "tx",
        tag: TAG,
        summary: "A transaction, with what it spends and who spent it",
        parts: &[TXID],
        params: &[CHAIN],
        shape: |g| super::either::<TxView, AccountTxView>(g),
        codes: STORE,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                found(engine.account_tx(ask.part(0))?)
            } else {
                found(engine.tx(ask.part(0))?)
            }
        }),
        ..READ
    },
    Route {
        path: "/v1/address/{address}",
        id: "address",
        tag: TAG,
        summary: "An address: what was paid to it and what became of it",
        parts: &[ADDRESS],
        params: &[CHAIN, PAGE],
        shape: |g| super::either::<AddressView, AccountAddressView>(g),
        codes: STORE,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                let view = engine.account_address(ask.part(0), ask.offset, Some(ask.limit))?;
                let view = view.ok_or_else(super::absent)?;
                return Ok(Reply::view(&view)?.next(view.transfers_truncated, ask.offset, view.transfers.len()));
            }
            let view = engine.address(ask.part(0), ask.offset, Some(ask.limit))?.ok_or_else(super::absent)?;
            Ok(Reply::view(&view)?.next(view.outputs_truncated, ask.offset, view.outputs.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/entity/{address}",
        id: "entity",
        tag: TAG,
        summary: "The entity of an address: a page of the addresses that act as one with it",
        parts: &[ADDRESS],
        params: &[
            CHAIN,
            PAGE,
            &[Param::new(
                "at",
                Kind::Moment,
                "The entity as it was then: a height, or a day; the answer has its own shape",
            )],
        ],
        shape: |g| {
            let shapes = [
                g.subschema_for::<EntityAnswer>(),
                g.subschema_for::<EntityPastView>(),
                g.subschema_for::<AccountEntityView>(),
            ];
            schemars::json_schema!({ "anyOf": shapes })
        },
        codes: STORE,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                let limit = u32::try_from(ask.limit).unwrap_or(u32::MAX);
                let view = engine.account_entity(ask.part(0), ask.offset, limit)?.ok_or_else(super::absent)?;
                return Ok(Reply::view(&view)?.next(view.members_truncated, ask.offset, view.members.len()));
            }
            if let Some(at) = ask.given.parsed("at") {
                let view = engine.entity_at(ask.part(0), at, ask.offset, Some(ask.limit))?.ok_or_else(super::absent)?;
                return Ok(Reply::view(&view)?.next(view.addresses_truncated, ask.offset, view.addresses.len()));
            }
            let view = engine.entity(ask.part(0), ask.offset, Some(ask.limit))?.ok_or_else(super::absent)?;
            Ok(Reply::view(&view)?.next(view.addresses_truncated, ask.offset, view.addresses.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/entity/{address}/growth",
        id: "entityGrowth",
        tag: TAG,
        summary: "How an entity grew: its size over time, and every merge of two large parts",
        parts: &[ADDRESS],
        params: &[CHAIN],
        shape: |g| g.subschema_for::<EntityGrowthView>(),
        codes: STORE,
        run: Run::Engine(|ask| found(ask.engine()?.entity_growth(ask.part(0))?)),
        ..READ
    },
    Route {
        path: "/v1/entity/{address}/without/{txid}",
        id: "entityWithout",
        tag: TAG,
        summary: "What would be left of an entity if one transaction did not count",
        parts: &[ADDRESS, TXID],
        params: &[
            CHAIN,
            &[Param::new(
                "edges",
                Kind::Integer(1, 10_000_000, Some(WITHOUT_EDGES)),
                "Outputs, inputs and ties to look at",
            )],
        ],
        shape: |g| g.subschema_for::<WithoutView>(),
        codes: STORE,
        run: Run::Engine(|ask| {
            let edges = ask.given.parsed("edges").unwrap_or(WITHOUT_EDGES);
            found(ask.engine()?.entity_without(ask.part(1), ask.part(0), edges)?)
        }),
        ..READ
    },
    Route {
        path: "/v1/conflicts",
        id: "conflicts",
        tag: TAG,
        summary: "The cut list that the store holds: merges that are not believed",
        params: &[CHAIN],
        shape: |g| g.subschema_for::<ConflictsView>(),
        codes: STORE,
        run: Run::Engine(|ask| Reply::view(&ask.engine()?.conflicts()?)),
        ..READ
    },
    Route {
        path: "/v1/explain",
        id: "explain",
        tag: TAG,
        summary: "Why two addresses are one entity: the transactions that tie them",
        params: &[
            CHAIN,
            &[
                Param::new("a", Kind::Text(TARGET_MAX), "One address").required(),
                Param::new("b", Kind::Text(TARGET_MAX), "The other").required(),
                Param::new("at", Kind::Moment, "By what had been seen by then: a height, or a day"),
            ],
        ],
        shape: |g| super::either::<ExplainView, AccountExplainView>(g),
        codes: STORE,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                return found(engine.account_explain(ask.needed("a"), ask.needed("b"))?);
            }
            found(engine.explain_at(ask.needed("a"), ask.needed("b"), ask.given.parsed("at"))?)
        }),
        ..READ
    },
    Route {
        path: "/v1/coinjoin/{txid}",
        id: "coinjoin",
        tag: TAG,
        summary: "Whether a transaction is a CoinJoin, or another one that several people made",
        parts: &[TXID],
        params: &[CHAIN],
        shape: |g| g.subschema_for::<CoinJoinView>(),
        codes: STORE,
        run: Run::Engine(|ask| found(ask.engine()?.coinjoin_view(ask.part(0))?)),
        ..READ
    },
    Route {
        path: "/v1/screen",
        id: "screen",
        tag: TAG,
        summary: "What is known of addresses or transactions, and of those they dealt with: as `athar screen --json`",
        scope: Some(crate::keys::Scope::Screen),
        params: &[
            CHAIN,
            DAYS,
            &[
                Param::new("target", Kind::Text(TARGET_MAX), "Address, transaction id, output, or listed number")
                    .required()
                    .repeated(),
                Param::new("hops", Kind::Integer(1, 20, Some(3)), "Hops that indirect exposure is followed for"),
            ],
        ],
        shape: |g| g.subschema_for::<Vec<ScreenView>>(),
        run: Run::Engine(|ask| {
            let engine = ask.engine_of_days()?;
            let default = ScreenOptions::default();
            let hops_max = ask.given.parsed("hops").unwrap_or(default.hops_max);
            let options = ScreenOptions { hops_max, ..default };
            let mut views = Vec::new();
            for target in ask.given.all("target") {
                if ask.cancel.is_cancelled() {
                    break; // nobody reads the answer
                }
                views.push(engine.screen(&target, &options)?);
            }
            Reply::view(&views)
        }),
        ..READ
    },
    Route {
        path: "/v1/mempool",
        id: "mempool",
        tag: TAG,
        summary: "Unconfirmed transactions, as `athar follow` sees them, of all or of one address",
        params: &[PAGE, &[Param::new("address", Kind::Text(TARGET_MAX), "Address")]],
        shape: |g| g.subschema_for::<MempoolView>(),
        codes: &[codes::NOT_FOUND, codes::TARGET_INVALID],
        run: Run::Engine(|ask| {
            let view = mempool(ask.store.folder(), ask.given.get("address"), ask.offset, ask.limit)?;
            let view = view.ok_or_else(super::absent)?;
            Ok(Reply::view(&view)?.next(view.txs_truncated, ask.offset, view.txs.len()))
        }),
        ..READ
    },
];
