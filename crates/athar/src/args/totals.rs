//! The words of `athar totals`.

use super::{AsOfDays, Tongue};
use athar_engine::Category;
use athar_engine::read::TotalsBy;
use clap::Args as Words;
use std::path::PathBuf;

#[derive(Debug, Words)]
pub(crate) struct Totals {
    /// Category of the labels, as terrorist_financing; several with commas between them: any of them
    #[arg(long, required = true, value_name = "LIST", value_delimiter = ',', value_parser = category)]
    pub(crate) category: Vec<Category>,
    /// What the rows are: month, organisation, asset
    #[arg(long, default_value = "month", value_parser = by, value_name = "WHAT")]
    pub(crate) by: TotalsBy,
    /// Write the figures as a table to this file; `-` prints them
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) csv: Option<PathBuf>,
    /// Language of the text: en, ar
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Tongue,
    #[command(flatten)]
    pub(crate) moment: AsOfDays,
}

fn category(text: &str) -> Result<Category, String> {
    text.parse().map_err(|_| "no category; `athar labels taxonomy` lists them".into())
}

fn by(text: &str) -> Result<TotalsBy, String> {
    TotalsBy::from_name(text).ok_or_else(|| "one of month, organisation, asset".into())
}
