//! Read views: plain data that command line, report and (later) API share. One file for each question.
//!
//! A view holds texts, integers and lists, ready to be shown or serialised; its field names are the documented JSON
//! shape (`docs/reference`). Each carries the snapshot it was computed on.

mod account;
mod account_chain;
mod address;
mod block;
mod campaigns;
mod check;
mod clustering;
mod coinjoin;
mod cuts;
mod dealings;
mod direct;
mod entity;
mod entity_past;
mod explain;
mod exposed;
mod exposure;
mod inferred;
mod labels;
mod lists;
mod mempool;
mod op_returns;
mod owned;
mod paths;
mod paths_view;
mod patterns;
mod policy;
mod prices;
mod published;
mod reach;
mod records;
mod resolve;
mod sample;
mod screen;
mod screen_batch;
mod screen_direct;
mod seen_on;
mod sightings;
mod statement;
mod status;
mod summary;
mod taxonomy;
mod totals;
mod touched;
mod trace;
mod tx;
mod watched;
mod whole;
mod without;

pub use crate::live::{MempoolSide, MempoolTxView};
pub use account::AccountView;
pub use account_chain::{
    AccountAddressView, AccountBlockView, AccountBoundView, AccountCategoryView, AccountEdgeView, AccountEntityView,
    AccountExplainView, AccountExposureSideView, AccountExposureView, AccountLinkedView, AccountPlaceView,
    AccountPolicySumView, AccountStepView, AccountTraceView, AccountTxView, AmountView, AssetTotalsView, AssetView,
    CandidateView, CandidatesView, ConversionView, CoverageView, CoveredView, DepositView, FreezeView, HoldingView,
    NoticeView, PassageView, SentView, TransferView,
};
pub use address::{AddressView, PaidView};
pub use athar_trace::{PathsOrder, PathsProgress};
pub use block::BlockView;
pub use campaigns::{
    CampaignAddressView, CampaignLine, CampaignMonthView, CampaignSumView, CampaignTotalsView, CampaignView,
    CampaignsMade, CampaignsView, EngineOf, FirstDonationView, campaign_view, campaign_view_of, campaigns_made,
    campaigns_view, recorded_campaigns,
};
pub use check::{
    CHECK_TEXT_MAX, CheckDepth, CheckEnd, CheckFieldError, CheckFound, CheckMade, CheckQuestion, DecidedBy,
    DecidingPolicy, DecisionView, KnowledgeView, ReasonCode, ReasonView, StoreState,
};
pub use clustering::ClusteringView;
pub use coinjoin::{CoinJoinView, FactsView, KindRateView, coinjoin_of_line};
pub use cuts::{ConflictsView, CutsView};
pub use dealings::{
    ActivityBy, ActivityPeriod, ActivityView, CounterpartiesView, DealingsAsk, DealtView, ExaminedView, LINKED_MAX,
    LinkView, LinksView, MergedNode, MixedView, Of, PartyView, Sides,
};
pub use direct::{CounterpartyView, Depth, DirectStatement, DirectStatements, DirectView, LabelRef};
pub use entity::EntityAnswer;
pub use entity_past::{EntityGrowthView, EntityPastView, MergeView, Moment, SizeView};
pub use explain::{ExplainView, RateView, StepView};
pub use exposure::{
    CategoryExposureView, ExposureAsOfView, ExposureOptions, ExposureSideView, ExposureSumView, ExposureView,
    FollowedView, LinkedView, OwnView,
};
pub use inferred::{
    ConditionView, InferredRuleView, InferredServiceView, ServiceFiguresView, ServiceRateView, ShareView,
};
pub use labels::{LabelConflict, LabelConflictsView, LabelFilter, LabelView, LabelsOf, LabelsView};
pub(crate) use lists::Meanings;
pub use lists::{
    ListDiffView, ListEntriesView, ListEntryView, ListVersionView, ListedView, ListsFoundView, ListsView, lists_diff,
    page_of_entries,
};
pub use mempool::{FollowerView, MempoolView, mempool};
pub use op_returns::OpReturnText;
pub use paths::PathsOptions;
pub use paths_view::{
    FoundPathView, FoundStepView, PathsEndedView, PathsPartyView, PathsPlaceView, PathsSearchView, PathsView,
};
pub(crate) use patterns::facts::{EVENTS_BYTES_MAX, EVENTS_FILE, parse_events, read_events};
pub use patterns::{
    CorroborationView, GuardOutcome, OtherLegView, PatternGuardView, PatternHitView, PatternParameterView,
    PatternStanding, PatternSubject, PatternValueView, PatternView, PatternsKeptView, PatternsOptions, PatternsRunView,
    PatternsView, RULES_MAX, Rules, pattern_file, patterns,
};
pub(crate) use patterns::{KeptPatterns, forget_recorded_hits, lock_patterns};
pub use policy::{
    AssessOptions, AssessedScreenView, AssessmentView, BacktestMoment, BacktestOptions, BacktestView, BacktestedTarget,
    ChangedTarget, EXAMPLES_MAX, PoliciesView, PolicyLine, PolicySet, PolicyTextView, PolicyView, SAMPLE_MAX, backtest,
    policies, policy_text,
};
pub use prices::{
    AssetPricesView, GapView, PriceDayView, PriceImportView, PriceSourceView, PricesStatusView, PricesView,
    RecordedView,
};
pub use published::{CustodyView, MonthView, OnChainView, ReceiptView, ReceiptsView, ReceivedView};
pub use reach::{PLACES_MAX, Place, Reach};
pub(crate) use records::records_basis;
pub use records::{
    CouponBeneficiaryView, CouponCollectorView, CouponFlowsView, CouponPaymentView, CouponRedemptionView, NotesView,
    ReceiptsListView, RecordView, RecordsJournalView, RecordsStatusView, RecordsView, open_records, record, records,
    records_imports, records_journal, records_linked, records_notes, records_status,
};
pub(crate) use resolve::LabelNames;
pub use resolve::{MatchKind, MatchView, RESOLVE_BYTES_MAX, ReadAs, ResolveFrom, ResolveView};
pub use sample::{SampleKind, Sampled};
pub(crate) use seen_on::Others;
pub use seen_on::SeenOnView;
pub use sightings::{
    CustodyView as SightingsCustodyView, ItemView, ResemblesView, SightedOnView, SightingView, SightingsView,
    SolicitationView, custody, open_sightings, sighted_item, sightings,
};
pub use statement::{
    Direction, Evidence, ListedIdentifier, PathStep, ScreenOptions, ScreenStatus, ScreenView, Statement,
};
pub use status::{AccountChainStatus, ChainStatus, EntitiesStatus, LabelsStatus, PricesStatus, StatusView, VerifyView};
pub use summary::{ScreenSummary, SummaryStatement, TransferAt};
pub use taxonomy::{CategoryView, taxonomy};
pub use totals::{
    AmountChangeView, AmountRangeView, ChangeView, ContributionView, FigureView, MixView, ProviderView, RangeView,
    ServicePaidView, SumView, TotalAmountView, TotalsBy, TotalsChainView, TotalsOptions, TotalsPart, TotalsRowView,
    TotalsScopeView, TotalsView, totals,
};
pub use touched::{TOUCHED_TXS_MAX, Touched};
pub use trace::{
    BoundedView, EdgeView, PlaceView, PolicySums, TraceCompareView, TraceEnd, TraceEndSum, TraceEvent, TraceOptions,
    TraceView,
};
pub use tx::{InputView, OutputView, TxView};
pub use watched::NamedAddress;
pub use whole::Whole;
pub use without::{PartView, WITHOUT_EDGES, WithoutView};

pub use crate::worth::PriceView;
