//! The command line: arguments in, views out. Data goes to stdout; progress, warnings and errors go to stderr.
//!
//! Exit codes: 0 done or found, 1 nothing found, 2 an error, 3 a level asked for with `--fail-on` was reached.

mod args;
mod commands;
mod printer;
mod show;

use args::{Args, Command};
use clap::Parser;
use printer::Printer;
use std::process::ExitCode;

/// How a command ended, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, or found.
    Done,
    /// Nothing found.
    Nothing,
    /// An error that left part of the work done; it was told to the user already.
    Partly,
    /// A level asked for with `--fail-on` was reached.
    Reached,
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // help and version are no errors; a wrong word is one
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let printer = Printer::new(args.json, args.quiet);
    match run(args, &printer) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Partly) => ExitCode::from(2),
        Ok(Outcome::Reached) => ExitCode::from(3),
        // whoever read our output has seen enough: `athar ... | head`
        Err(error) if printer::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(2)
        }
    }
}

fn run(args: Args, printer: &Printer) -> anyhow::Result<Outcome> {
    let store = args.store_folder()?;
    if let Command::Ingest(ingest) = &args.command {
        return commands::ingest::run(&store, ingest, args.clusterings(), printer);
    }
    let open = args.open_options()?;
    match args.command {
        Command::Demo(demo) => commands::demo::run(&demo, printer),
        Command::Simulate(simulate) => commands::simulate::run(&simulate, printer),
        Command::Ingest(_) => unreachable!("ran above"),
        Command::Follow(follow) => commands::follow::run(&store, &follow, &open, printer),
        Command::Mempool { address, page } => commands::mempool::run(&store, address.as_deref(), page, printer),
        Command::Status => commands::read::status(&store, &open, printer),
        Command::Verify => commands::read::verify(&store, &open, printer),
        Command::Block { block } => commands::read::block(&store, &open, &block, printer),
        Command::Tx { txid } => commands::read::tx(&store, &open, &txid, printer),
        Command::Address { address, page } => commands::read::address(&store, &open, &address, page, printer),
        Command::Entity(entity) => commands::entity::run(&store, &open, &entity, printer),
        Command::Explain { a, b, at } => commands::entity::explain(&store, &open, [&a, &b], at, printer),
        Command::Coinjoin { target } => commands::coinjoin::run(&store, &open, &target, printer),
        Command::Labels(labels) => commands::labels::run(&store, &open, labels, printer),
        Command::Lists(lists) => commands::lists::run(&store, &open, lists, printer),
        Command::Names(names) => commands::names::run(&store, names, printer),
        Command::Prices(prices) => commands::prices::run(&store, &open, prices, printer),
        Command::Screen(screen) => commands::screen::run(&store, &open, &screen, printer),
        Command::Policy(policy) => commands::policy::run(&store, &open, policy, printer),
        Command::Check(check) => commands::check::run(&store, &open, &check, printer),
        Command::Desk(desk) => commands::desk::run(&store, &open, desk, printer),
        Command::Watch(watch) => commands::alerts::watch(&store, &open, watch, printer),
        Command::Alerts(alerts) => commands::alerts::run(&store, &open, alerts, printer),
        Command::Discover(discover) => commands::discover::run(&store, &open, &discover, printer),
        Command::Sightings(sightings) => commands::discover::sightings(&store, &open, &sightings, printer),
        Command::Campaigns(campaigns) => commands::discover::campaigns(&store, &open, &campaigns, printer),
        Command::Records(records) => commands::records::run(&store, &open, &records, printer),
        Command::Trace(trace) => commands::trace::run(&store, &open, &trace, printer),
        Command::Exposure(exposure) => commands::trace::exposure(&store, &open, &exposure, printer),
        Command::Totals(totals) => commands::totals::run(&store, &open, &totals, printer),
        Command::Paths(paths) => commands::paths::run(&store, &open, &paths, printer),
        Command::Patterns(patterns) => commands::patterns::run(&store, &open, &patterns, printer),
        Command::Bench(bench) => commands::bench::run(&store, &open, &bench, printer),
        Command::Serve(serve) => commands::serve::run(store, open, &serve, printer),
        Command::Users(users) => commands::team::users(&store, &users, printer),
        Command::Audit(audit) => commands::team::audit(&store, &audit, printer),
        Command::Team(team) => commands::team::team(&store, &team, printer),
        #[cfg(feature = "parquet")]
        Command::Export(export) => commands::export::run(&store, &open, export, printer),
    }
}
