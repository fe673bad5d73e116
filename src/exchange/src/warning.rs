//! What every neighbour's reader says about a message beside its value.

use serde::{Deserialize, Serialize};

/// Something in a message that could not be used. Holds no value out of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Where: `Acceptlst_Information[3]/Patient_Information/BirthDate`, `OBX[2]-8`.
    pub place: String,
    /// What is wrong there.
    pub reason: String,
}
