//! The receipt computer's words for what it will not do: code and message as its manual lists them.

/// One line of an endpoint's error list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

const fn refusal(code: &'static str, message: &'static str) -> Refusal {
    Refusal { code, message }
}

/// Codes that every v2 endpoint shares.
pub(crate) mod common {
    use super::{Refusal, refusal};

    pub(crate) const LOCKED: Refusal = refusal("90", "他端末使用中");
    pub(crate) const NO_CLASS: Refusal = refusal("91", "処理区分未設定");
    pub(crate) const WRONG: Refusal = refusal("97", "送信内容に誤りがあります");
    pub(crate) const UNREADABLE: Refusal = refusal("98", "送信内容の読込ができませんでした");
}

/// patientgetv2 and the patient lists.
pub(crate) mod patients {
    use super::{Refusal, refusal};

    pub(crate) const NO_ID: Refusal = refusal("01", "患者番号の設定がありません");
    pub(crate) const NO_PATIENT: Refusal = refusal("10", "患者番号に該当する患者が存在しません");

    pub(crate) const START_AFTER_END: Refusal = refusal("01", "開始日付＞終了日付です");
    pub(crate) const NO_TEST_FLAG: Refusal = refusal("02", "テスト患者区分がありません");
    pub(crate) const TOO_MANY_CHANGES: Refusal =
        refusal("10", "該当患者が１０００件以上となります");
    pub(crate) const NO_CHANGES: Refusal = refusal("20", "該当患者がありません");

    pub(crate) const STRANGE_CHARACTER: Refusal = refusal("10", "検索氏名に外字があります");
    pub(crate) const BAD_START: Refusal = refusal("11", "開始生年月日が暦日ではありません");
    pub(crate) const BAD_END: Refusal = refusal("12", "終了生年月日が暦日ではありません");
    pub(crate) const NO_START: Refusal = refusal("13", "開始生年月日の設定がありません");
    pub(crate) const BAD_ORDER: Refusal = refusal("14", "開始生年月日＞終了生年月日です");
    pub(crate) const BAD_SEX: Refusal = refusal("15", "性別が存在しません");
    pub(crate) const BAD_IN_OUT: Refusal = refusal("16", "入外区分が存在しません");
    pub(crate) const NO_NAME: Refusal = refusal("17", "検索氏名を設定して下さい");
    pub(crate) const NOBODY: Refusal = refusal("20", "該当患者が存在しません");
    pub(crate) const TOO_MANY_HITS: Refusal = refusal("21", "該当患者が１００件以上となります");
}

/// acceptlstv2: note that 13 is the physician here and the department in acceptmodv2.
pub(crate) mod list {
    use super::{Refusal, refusal};

    pub(crate) const BAD_DATE: Refusal = refusal("11", "受付日が暦日ではありません");
    pub(crate) const NO_DEPARTMENT: Refusal = refusal("12", "診療科が存在しません");
    pub(crate) const NO_PHYSICIAN: Refusal = refusal("13", "ドクターが存在しません");
    pub(crate) const NO_CONTENT: Refusal = refusal("14", "診療内容情報がありません");
    pub(crate) const NONE: Refusal = refusal("21", "対象の受付はありませんでした");
}

/// acceptmodv2.
pub(crate) mod accept {
    use super::{Refusal, refusal};

    pub(crate) const NO_ID: Refusal = refusal("01", "患者番号が未設定です");
    pub(crate) const DEPARTMENT_MISSING: Refusal = refusal("02", "診療科が未設定です");
    pub(crate) const PHYSICIAN_MISSING: Refusal = refusal("03", "ドクターが未設定です");
    pub(crate) const NO_PATIENT: Refusal = refusal("10", "患者番号に該当する患者が存在しません");
    pub(crate) const BAD_DATE: Refusal = refusal("11", "受付日が暦日ではありません");
    pub(crate) const BAD_TIME: Refusal = refusal("12", "受付時間設定誤り");
    pub(crate) const NO_DEPARTMENT: Refusal = refusal("13", "診療科が存在しません");
    pub(crate) const NO_PHYSICIAN: Refusal = refusal("14", "ドクターが存在しません");
    pub(crate) const NO_CONTENT: Refusal = refusal("15", "診療内容情報が存在しません");
    pub(crate) const TWICE: Refusal =
        refusal("16", "診療科・保険組合せで受付登録済みです。二重登録疑い");
    pub(crate) const NOTHING_TO_DELETE: Refusal =
        refusal("17", "削除対象の受付レコードが存在しません");
    pub(crate) const BAD_ID: Refusal = refusal("19", "受付ID設定誤り");
    pub(crate) const OTHER_PATIENT: Refusal =
        refusal("20", "受付IDの受付患者番号と患者番号が一致しません");
    pub(crate) const NO_INSURANCE: Refusal =
        refusal("21", "保険の一致する患者保険情報がありません");
    pub(crate) const NO_PUBLIC_EXPENSE: Refusal =
        refusal("22", "公費の一致する患者公費情報がありません");
    pub(crate) const NO_COMBINATION: Refusal =
        refusal("23", "保険情報と一致する保険組合せがありません");
    pub(crate) const FULL: Refusal =
        refusal("50", "受付登録件数が上限以上となります。登録できません");
    pub(crate) const CANNOT_DELETE: Refusal = refusal("54", "受付削除エラー");
    pub(crate) const NO_RECEPTION: Refusal = refusal("60", "受付の登録がありません。");
    pub(crate) const ALREADY_PAID: Refusal =
        refusal("61", "該当の受付は会計済みです。診察料の返却は行いません。");
}

/// system01lstv2.
pub(crate) mod system {
    use super::{Refusal, refusal};

    pub(crate) const NONE: Refusal = refusal("11", "対象となる情報がありません");
}
