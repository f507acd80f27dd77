#![allow(missing_docs)]
use athar_types::account::*; use athar_types::*;
#[derive(Debug)] pub struct Token { pub symbol: String, pub decimals: u8, pub price: Option<Asset>, pub is_dollar: bool, pub is_wrapped_coin: bool, pub contract: AccountBytes }
#[derive(Debug)] pub struct Tokens;
impl Tokens { pub fn shipped() -> &'static Self { &Tokens } pub fn get(&self, _: Chain, _: &AccountBytes) -> Option<&Token> { None } pub fn by_symbol(&self, _: Chain, _: &str) -> Option<&Token> { None } pub fn version(&self) -> String { String::new() } }
