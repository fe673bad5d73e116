//! Numbers with one decimal place, exactly.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A number of tenths: 68.4 kg is `Tenths(684)`. On the wire and in the store the text `68.4`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "68.4", pattern = r"^[0-9]{1,6}(\.[0-9])?$")]
pub struct Tenths(pub u32);

/// Why a text is not a number with one decimal place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number with at most one decimal place")]
pub struct NotTenths;

impl Tenths {
    /// Reads `68`, `68.4`; at most six digits before the point.
    pub fn parse(text: &str) -> Result<Self, NotTenths> {
        let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || whole.len() > 6 || !digits(tenth) || tenth.len() != 1 {
            return Err(NotTenths);
        }
        let number: u32 = whole.parse().map_err(|_| NotTenths)?;
        let tenth: u32 = tenth.parse().map_err(|_| NotTenths)?;
        Ok(Self(number * 10 + tenth))
    }
}

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl TryFrom<String> for Tenths {
    type Error = NotTenths;
    fn try_from(text: String) -> Result<Self, NotTenths> {
        Self::parse(&text)
    }
}

impl From<Tenths> for String {
    fn from(tenths: Tenths) -> Self {
        tenths.to_string()
    }
}
