//! Test items (検査項目) as a clinic orders them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A test item of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabItem {
    /// The clinic's own key, unique in the catalogue: `AST`.
    #[schema(example = "AST")]
    pub key: String,
    /// Name: `AST(GOT)`.
    pub name: String,
    /// Short name for labels and tables: `AST`.
    pub abbr: String,
    /// JLAC10, 17 characters; `None` where only the clinic's own key is known.
    pub jlac10: Option<String>,
    /// Unit as written; empty where the result has none.
    pub unit: String,
    /// Reference range as the catalogue's source gives it; results carry the laboratory's own.
    pub reference_range: String,
    /// Material (材料) by JLAC10, three digits: `023` 血清; `None` where it is not known.
    pub material: Option<String>,
    /// The material's name: 血清. Empty where it is not known.
    pub specimen: String,
    /// Which tube; `None` for what no tube is drawn for.
    pub container: Option<Container>,
    /// Whether the patient should have eaten nothing.
    pub fasting: bool,
    /// What it is billed as.
    pub procedure: Option<Procedure>,
}

/// How an item is named towards a laboratory and a bill.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct LabCode {
    /// JLAC10, 17 characters, where there is one.
    pub jlac10: Option<String>,
    /// The clinic's own key, or the laboratory's code of a result that nobody ordered. Never empty.
    pub local: String,
}

/// A tube or vessel (採取容器).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Container {
    /// Unique among the containers: `edta`.
    #[schema(example = "edta")]
    pub key: String,
    /// Name on labels and screens: `EDTA-2K`.
    pub name: String,
    /// Colour of the cap in words: 紫. Empty where it has none.
    pub colour: String,
    /// The colour as `#rrggbb`; empty where it has none.
    pub rgb: String,
    /// Nominal volume in tenths of a millilitre; `None` where it does not matter.
    pub volume: Option<u32>,
}

/// What an item is billed as (診療行為).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Procedure {
    /// 診療行為コード, nine digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Points (点).
    pub points: u32,
}
