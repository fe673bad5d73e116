//! Which screen is open.

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Route {
    /// サインイン.
    #[default]
    SignIn,
    /// 受付一覧.
    Receptions,
    /// 患者.
    Patient,
    /// A scanned code that opens nothing.
    UnknownCard,
}
