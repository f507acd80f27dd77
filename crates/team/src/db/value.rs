//! What goes into a statement and comes out of a row: whole numbers, text, bytes and nothing, the same from either database.
//!
//! There is no floating-point number: nothing that a team keeps is one, and two databases would write it in two ways.
//! A truth value is 0 or 1.

use crate::TeamError;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A whole number of 64 bits.
    Int(i64),
    /// Text in UTF-8, without the character zero, which PostgreSQL does not store.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Nothing (`NULL`).
    Null,
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => { $(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )* };
}

from! {
    i64 => |value| Self::Int(value);
    i32 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    bool => |value| Self::Int(value.into());
    String => |value| Self::Text(value);
    &String => |value| Self::Text(value.clone());
    &str => |value| Self::Text(value.into());
    Vec<u8> => |value| Self::Bytes(value);
    &Vec<u8> => |value| Self::Bytes(value.clone());
    &[u8] => |value| Self::Bytes(value.into());
    &[u8; 32] => |value| Self::Bytes(value.to_vec());
    [u8; 32] => |value| Self::Bytes(value.to_vec());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a statement: `params![id, name, None::<i64>]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

/// One row of an answer. Columns are numbered from 0, as the statement names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// All its values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// A whole number; an error where it is none.
    pub fn int(&self, column: usize) -> Result<i64, TeamError> {
        match self.values.get(column) {
            Some(Value::Int(value)) => Ok(*value),
            other => Err(unexpected(column, "a number", other)),
        }
    }

    /// A truth value, stored as 0 or 1.
    pub fn flag(&self, column: usize) -> Result<bool, TeamError> {
        Ok(self.int(column)? != 0)
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<String, TeamError> {
        match self.values.get(column) {
            Some(Value::Text(value)) => Ok(value.clone()),
            other => Err(unexpected(column, "text", other)),
        }
    }

    /// Bytes.
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, TeamError> {
        match self.values.get(column) {
            Some(Value::Bytes(value)) => Ok(value.clone()),
            other => Err(unexpected(column, "bytes", other)),
        }
    }

    /// 32 bytes: a hash or a key.
    pub fn hash(&self, column: usize) -> Result<[u8; 32], TeamError> {
        let bytes = self.bytes(column)?;
        <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| unexpected(column, "32 bytes", Some(&Value::Bytes(bytes))))
    }

    /// A whole number, or nothing.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, TeamError> {
        self.present(column).then(|| self.int(column)).transpose()
    }

    /// Text, or nothing.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, TeamError> {
        self.present(column).then(|| self.text(column)).transpose()
    }

    /// Bytes, or nothing.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, TeamError> {
        self.present(column).then(|| self.bytes(column)).transpose()
    }

    fn present(&self, column: usize) -> bool {
        self.values.get(column) != Some(&Value::Null)
    }
}

/// The value itself is not told: it may be a secret.
fn unexpected(column: usize, wanted: &str, found: Option<&Value>) -> TeamError {
    let found = match found {
        Some(Value::Int(_)) => "a number",
        Some(Value::Text(_)) => "text",
        Some(Value::Bytes(bytes)) => return unexpected_words(column, wanted, &format!("{} bytes", bytes.len())),
        Some(Value::Null) => "nothing",
        None => "no such column",
    };
    unexpected_words(column, wanted, found)
}

fn unexpected_words(column: usize, wanted: &str, found: &str) -> TeamError {
    TeamError::Damaged {
        database: "the team's database".into(),
        what: format!("column {column}: {wanted} expected, {found} found"),
    }
}
