//! What keys do, and their words.

/// Something a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// 使い方.
    Help,
    /// 受付順.
    SortTime,
    /// カナ順.
    SortKana,
    /// 担当医順.
    SortPhysician,
    /// 状態順.
    SortState,
    /// 患者検索.
    Find,
    /// 状態を進める.
    NextState,
    /// 状態を選ぶ.
    ChooseState,
    /// 絞り込み: by physician or state.
    Filter,
    /// 患者を開く.
    Open,
    /// 一覧へ戻る.
    List,
    /// コードをコピー.
    CopyCode,
    /// 記録する: begins an entry.
    Record,
    /// 履歴.
    History,
    /// 確認待ち.
    Confirmations,
    /// 食い違いを選ぶ.
    Settle,
    /// 未送信.
    Outbox,
    /// 保存する.
    Save,
    /// 書きかけを消す.
    DropDraft,
    /// 確認する.
    ConfirmItem,
    /// 訂正する.
    Correct,
    /// 取り消す, an item of the profile.
    Withdraw,
    /// 今すぐ送る.
    SendNow,
    /// 直す, what was refused.
    Mend,
    /// 取り下げる, what has not been sent.
    WithdrawRow,
    /// 本日の検体: the day's lab orders.
    Samples,
    /// 検査結果: what came from laboratories.
    Inbox,
    /// 患者シール: prints the chart sticker.
    Sticker,
    /// 本日表: prints the day's list.
    DaySheet,
    /// 印刷の状況.
    Printing,
    /// 検査を出す.
    LabOrder,
    /// 検査結果, of a patient.
    Results,
    /// 至急.
    Urgent,
    /// 採取日.
    CollectOn,
    /// セットに保存.
    KeepSet,
    /// 絶食.
    Fasting,
    /// 依頼してラベル印刷.
    OrderLab,
    /// ラベル印刷.
    PrintLabels,
    /// 1枚再印刷.
    ReprintLabel,
    /// 氏名で確認.
    Identify,
    /// 採れない.
    NotDrawn,
    /// 取り消す, what was said of a tube.
    ResetTube,
    /// 一括送信.
    SendTubes,
    /// 採取を確定.
    Draw,
    /// わかりました.
    Understood,
    /// 表/グラフ.
    SwitchView,
    /// A5で印刷.
    PrintA5,
    /// A6で印刷.
    PrintA6,
    /// 確認する, results.
    ConfirmResults,
    /// 振り分ける.
    Assign,
    /// 対象外.
    SetAside,
    /// もう一度印刷.
    Reprint,
    /// 再試行.
    RetryPrint,
    /// 取り消す, a print.
    CancelPrint,
    /// 試し印刷.
    TestPrint,
    /// 印刷できた/できなかった.
    SettlePrint,
    /// To the screen before.
    Leave,
    /// サインイン.
    SignIn,
    /// サインアウト.
    SignOut,
    /// 決める, in a chooser.
    Choose,
    /// 閉じる, of the help and of a chooser.
    Close,
    /// 再接続.
    Reconnect,
    /// Esc: one step back.
    Back,
    /// Enter: the main action.
    Confirm,
    /// Selection up.
    Up,
    /// Selection down.
    Down,
    /// Selection to the left.
    Left,
    /// Selection to the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// A digit key where options are numbered.
    Digit(u8),
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// 100 %.
    ZoomReset,
}

impl Command {
    /// Key of its words in the locale files.
    pub fn words(self) -> &'static str {
        match self {
            Self::Help => "key.help",
            Self::SortTime => "key.sort_time",
            Self::SortKana => "key.sort_kana",
            Self::SortPhysician => "key.sort_physician",
            Self::SortState => "key.sort_state",
            Self::Find => "key.find",
            Self::NextState => "key.next_state",
            Self::ChooseState => "key.choose_state",
            Self::Filter => "key.filter",
            Self::Open => "key.open",
            Self::List => "key.list",
            Self::CopyCode => "key.copy_code",
            Self::Record => "key.record",
            Self::History => "key.history",
            Self::Confirmations => "key.confirmations",
            Self::Settle => "key.settle",
            Self::Outbox => "key.outbox",
            Self::Save => "key.save",
            Self::DropDraft => "key.drop_draft",
            Self::ConfirmItem => "key.confirm_item",
            Self::Correct => "key.correct",
            Self::Withdraw => "key.withdraw",
            Self::SendNow => "key.send_now",
            Self::Mend => "key.mend",
            Self::WithdrawRow => "key.withdraw_row",
            Self::Samples => "key.samples",
            Self::Inbox => "key.inbox",
            Self::Sticker => "key.sticker",
            Self::DaySheet => "key.day_sheet",
            Self::Printing => "key.printing",
            Self::LabOrder => "key.lab_order",
            Self::Results => "key.results",
            Self::Urgent => "key.urgent",
            Self::CollectOn => "key.collect_on",
            Self::KeepSet => "key.keep_set",
            Self::Fasting => "key.fasting",
            Self::OrderLab => "key.order_lab",
            Self::PrintLabels => "key.print_labels",
            Self::ReprintLabel => "key.reprint_label",
            Self::Identify => "key.identify",
            Self::NotDrawn => "key.not_drawn",
            Self::ResetTube => "key.reset_tube",
            Self::SendTubes => "key.send_tubes",
            Self::Draw => "key.draw",
            Self::Understood => "key.understood",
            Self::SwitchView => "key.switch_view",
            Self::PrintA5 => "key.print_a5",
            Self::PrintA6 => "key.print_a6",
            Self::ConfirmResults => "key.confirm_results",
            Self::Assign => "key.assign",
            Self::SetAside => "key.set_aside",
            Self::Reprint => "key.reprint",
            Self::RetryPrint => "key.retry_print",
            Self::CancelPrint => "key.cancel_print",
            Self::TestPrint => "key.test_print",
            Self::SettlePrint => "key.settle_print",
            Self::Leave => "key.leave",
            Self::SignIn => "key.sign_in",
            Self::SignOut => "key.sign_out",
            Self::Choose => "key.choose",
            Self::Close => "key.close",
            Self::Reconnect => "key.reconnect",
            Self::Back => "key.back",
            Self::Confirm => "key.confirm",
            Self::Up | Self::Down | Self::Left | Self::Right => "key.move",
            Self::PageUp | Self::PageDown => "key.page",
            Self::First | Self::Last => "key.ends",
            Self::Digit(_) => "key.digit",
            Self::ZoomIn => "key.zoom_in",
            Self::ZoomOut => "key.zoom_out",
            Self::ZoomReset => "key.zoom_reset",
        }
    }

    /// One line for the help screen.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Help => "help.help",
            Self::SortTime | Self::SortKana | Self::SortPhysician | Self::SortState => "help.sorts",
            Self::Find => "help.find",
            Self::NextState => "help.next_state",
            Self::ChooseState => "help.choose_state",
            Self::Filter => "help.filter",
            Self::Open => "help.open",
            Self::List => "help.list",
            Self::CopyCode => "help.copy_code",
            Self::Record => "help.record",
            Self::History => "help.history",
            Self::Confirmations => "help.confirmations",
            Self::Settle => "help.settle",
            Self::Outbox => "help.outbox",
            Self::Save => "help.save",
            Self::DropDraft => "help.drop_draft",
            Self::ConfirmItem => "help.confirm_item",
            Self::Correct => "help.correct",
            Self::Withdraw => "help.withdraw",
            Self::SendNow => "help.send_now",
            Self::Mend => "help.mend",
            Self::WithdrawRow => "help.withdraw_row",
            Self::Samples => "help.samples",
            Self::Inbox => "help.inbox",
            Self::Sticker => "help.sticker",
            Self::DaySheet => "help.day_sheet",
            Self::Printing => "help.printing",
            Self::LabOrder => "help.lab_order",
            Self::Results => "help.results",
            Self::Urgent => "help.urgent",
            Self::CollectOn => "help.collect_on",
            Self::KeepSet => "help.keep_set",
            Self::Fasting => "help.fasting",
            Self::OrderLab => "help.order_lab",
            Self::PrintLabels => "help.print_labels",
            Self::ReprintLabel => "help.reprint_label",
            Self::Identify => "help.identify",
            Self::NotDrawn => "help.not_drawn",
            Self::ResetTube => "help.reset_tube",
            Self::SendTubes => "help.send_tubes",
            Self::Draw => "help.draw",
            Self::Understood => "help.understood",
            Self::SwitchView => "help.switch_view",
            Self::PrintA5 => "help.print_a5",
            Self::PrintA6 => "help.print_a6",
            Self::ConfirmResults => "help.confirm_results",
            Self::Assign => "help.assign",
            Self::SetAside => "help.set_aside",
            Self::Reprint => "help.reprint",
            Self::RetryPrint => "help.retry_print",
            Self::CancelPrint => "help.cancel_print",
            Self::TestPrint => "help.test_print",
            Self::SettlePrint => "help.settle_print",
            Self::Leave => "help.leave",
            Self::SignIn => "help.sign_in",
            Self::SignOut => "help.sign_out",
            Self::Choose => "help.choose",
            Self::Close => "help.close",
            Self::Reconnect => "help.reconnect",
            Self::Back => "help.back",
            Self::Confirm => "help.confirm",
            Self::Up | Self::Down | Self::Left | Self::Right => "help.move",
            Self::PageUp | Self::PageDown => "help.page",
            Self::First | Self::Last => "help.ends",
            Self::Digit(_) => "help.digit",
            Self::ZoomIn | Self::ZoomOut | Self::ZoomReset => "help.zoom",
        }
    }
}
