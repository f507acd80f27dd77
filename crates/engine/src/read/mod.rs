//! Read views: plain data that command line, report and (later) API share. One file for each question.
//!
//! A view holds texts, integers and lists, ready to be shown or serialised; its field names are the documented JSON
//! shape (`docs/reference`). Each carries the snapshot it was computed on.

mod account;
mod address;
mod block;
mod clustering;
mod coinjoin;
mod cuts;
mod entity;
mod entity_past;
mod explain;
mod inferred;
mod labels;
mod lists;
mod mempool;
mod prices;
mod screen;
mod statement;
mod status;
mod taxonomy;
mod trace;
mod tx;
mod whole;
mod without;

pub use crate::live::{MempoolSide, MempoolTxView};
pub use account::AccountView;
pub use address::{AddressView, PaidView};
pub use block::BlockView;
pub use clustering::ClusteringView;
pub use coinjoin::{CoinJoinView, FactsView, KindRateView, coinjoin_of_line};
pub use cuts::{ConflictsView, CutsView};
pub use entity::EntityAnswer;
pub use entity_past::{EntityGrowthView, EntityPastView, MergeView, Moment, SizeView};
pub use explain::{ExplainView, RateView, StepView};
pub use inferred::{
    ConditionView, InferredRuleView, InferredServiceView, ServiceFiguresView, ServiceRateView, ShareView,
};
pub use labels::{LabelConflict, LabelConflictsView, LabelView, LabelsOf, LabelsView};
pub use lists::{ListDiffView, ListEntryView, ListVersionView, ListedView, ListsFoundView, ListsView, lists_diff};
pub use mempool::{FollowerView, MempoolView, mempool};
pub use prices::{
    AssetPricesView, GapView, PriceDayView, PriceImportView, PriceSourceView, PricesStatusView, PricesView,
    RecordedView,
};
pub use statement::{
    Direction, Evidence, ListedIdentifier, PathStep, ScreenOptions, ScreenStatus, ScreenView, Statement,
};
pub use status::{ChainStatus, EntitiesStatus, LabelsStatus, PricesStatus, StatusView, VerifyView};
pub use taxonomy::{CategoryView, taxonomy};
pub use trace::{BoundedView, EdgeView, PlaceView, TraceOptions, TraceView};
pub use tx::{InputView, OutputView, TxView};
pub use whole::Whole;
pub use without::{PartView, WITHOUT_EDGES, WithoutView};

pub use crate::worth::PriceView;
