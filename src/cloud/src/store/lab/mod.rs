//! Lab orders, tubes and results ([`clinical::lab`]): what people confirm about them, what laboratories tell, and what
//! the desks read.
//!
//! An order follows from the rows of `lab_versions`: versions (each an entry that a person has signed) and the
//! laboratory's words ([`orders`]). Results follow from the reports among those words ([`results`]). A report that fits
//! no order waits in the tray ([`reports`]). What a laboratory must hear is queued in [`outgoing`].

mod links;
pub(in crate::store) mod orders;
pub mod outgoing;
mod reads;
pub mod reports;
mod results;
pub(in crate::store) mod sets;
pub(in crate::store) mod stations;
mod tray;
pub(in crate::store) mod verify;

pub use outgoing::{LabAnswer, LabMessageKind, LabTask, Outgoing, TubeAnswer};
pub(in crate::store) use reads::sorted;
pub use reports::{Known, LabMessage, MatchRule, Taken};
pub use tray::names_agree;
