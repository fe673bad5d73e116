//! Which screen is open.

use clinical::PatientNumber;

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
    /// A form of the opened patient's profile.
    Entry,
    /// The opened patient's history (履歴).
    History,
    /// What waits for a practitioner (確認待ち).
    Confirmations,
    /// What has not been sent (未送信).
    Outbox,
    /// A lab order for the opened patient (検査依頼).
    LabOrder,
    /// The day's lab orders (本日の検体).
    Samples,
    /// The opened patient's tubes (検体).
    Specimens,
    /// A tube of somebody else was scanned; everything stops.
    WrongTube,
    /// The opened patient's results (検査結果).
    Results,
    /// What came from laboratories and waits for a person.
    LabInbox,
    /// What was given to the printers (印刷の状況).
    Printing,
}

/// A screen to come back to, with the patient it showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Behind {
    pub(super) route: Route,
    pub(super) patient: Option<PatientNumber>,
}
