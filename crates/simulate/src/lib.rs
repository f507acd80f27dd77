//! A deterministic economy in Bitcoin Core's block-file format, with ground truth.
//!
//! [`simulate`] writes a folder:
//!
//! - `blocks/`: `blk00000.dat` and its successors and `xor.dat`, a regtest chain from the real genesis block on, with
//!   valid work, merkle roots, witness commitments, heights, subsidies, fees and maturity. Scripts, keys and
//!   witnesses have real shapes and hash to each other; signatures are noise.
//! - `analyst/`: what an analyst would know: labels, prices, the books of a coupon service, a notice that the world is invented.
//! - `truth/`: what really happened: actors, the owner of every address, campaigns and their innocent look-alikes with
//!   exact amounts, mixes, and a manifest with a hash of every file.
//!
//! | file | what |
//! |---|---|
//! | `analyst/labels.csv` | `address,label,category,source,confidence,basis,country,valid_from,valid_to`; categories and bases by their names in `athar-types` |
//! | `analyst/prices.csv` | `day,asset,usd,source`: one row a day from 2017-12-01 on |
//! | `analyst/fx.csv` | `valid_from,currency,usd,source`: what a euro costs, on every day the same |
//! | `analyst/coupon_sales.csv` | `serial,outlet,place,time,amount,currency,buyer`: the coupon service's sales, in the order of time |
//! | `analyst/redemptions.csv` | `serial,account,address,ip,country,time`: what was redeemed, and where it was paid to |
//! | `truth/actors.csv` | `actor,kind,name,country`, numbered from 0 |
//! | `truth/entities.csv` | `address,actor,role,customer`: who can spend what an address holds, what it is for, and for whom a service holds it; a row for every address ever paid on the best chain, in the order of first payment |
//! | `truth/coinjoins.csv` | `txid,kind,pool_sat,people`: `whirlpool` (a round; the owners of its inputs in order) and `whirlpool-tx0` (the split before the first round) |
//! | `analyst/events.csv` | `day,event,country,source`: dated events that campaigns may answer to; not with [`CampaignSet::Usual`] |
//! | `truth/campaigns.json` | every campaign and look-alike: what was drawn, the definition's criteria as measured (`meets_definition`), `sources` (donations, redemptions, sales, first coins), its own transactions, cash-outs with the exact FIFO amount, where the rest went |
//! | `truth/manifest.json` | settings, counts, length and SHA-256 of every other file, and one digest over them; written last |
//!
//! FIFO in the truth begins at the sources, takes inputs in index order to outputs in index order with the fee last,
//! goes through everybody's transactions (mixes too), and ends where an output pays an address that an exchange, pool,
//! payment processor, coupon service, dark market, mixer or gambling house owns.
//!
//! The same [`Settings`] give the same bytes on any machine and with any number of threads: randomness is ChaCha8 from
//! the seed, money and distributions are integers, and nothing iterates over a hash table.
//!
//! [`account::world`] makes a world of accounts (Ethereum, Tron) the same way, as rows in memory.
//!
//! Three stages run side by side: the economy plans blocks by numbers alone, an encoder turns plans into bytes and
//! hashes, the calling thread orders and writes them.

pub mod account;
mod agents;
mod blocks;
mod campaigns;
mod dice;
mod error;
pub mod pair;
mod profile;
mod run;
mod settings;
mod truth;
mod world;

pub use error::SimulateError;
pub use run::{Progress, Stage, Summary, simulate};
pub use settings::{CampaignSet, Settings, Story};
