//! pusheventgetv2: events that were sent within the last seven days. JSON both ways.

use jiff::civil::{Date, DateTime, Time};
use serde_json::{Value, json};

use crate::receipt::books::Books;

/// Code and message, or the events.
type Outcome = Result<Value, (&'static str, &'static str)>;

/// Answers a request body.
pub(super) fn answer(books: &Books, body: &[u8]) -> Value {
    find(books, body).unwrap_or_else(|(code, message)| error(code, message))
}

/// The answer that says why there is none.
pub(super) fn error(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message}})
}

fn find(books: &Books, body: &[u8]) -> Outcome {
    let body: Value =
        serde_json::from_slice(body).map_err(|_| ("0098", "送信内容の読込ができませんでした。"))?;
    let Some(request) = body.get("pusheventgetv2req").and_then(Value::as_object) else {
        return Err(("0097", "送信内容に誤りがあります。"));
    };
    let field = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let (event, user) = (field("event"), field("user"));
    if !event.is_ascii() {
        return Err(("0001", "イベント名に半角以外の文字が入力されています。"));
    }
    if !user.is_ascii() {
        return Err(("0002", "ユーザ名に半角以外の文字が入力されています。"));
    }
    let start = moment(field("start_time"), Time::midnight()).map_err(|part| match part {
        Part::Date => ("0003", "期間開始日時の日付の入力に誤りがあります。"),
        Part::Time => ("0004", "期間開始日時の時刻の入力に誤りがあります。"),
    })?;
    let end =
        moment(field("end_time"), Time::constant(23, 59, 0, 0)).map_err(|part| match part {
            Part::Date => ("0005", "期間終了日時の日付の入力に誤りがあります。"),
            Part::Time => ("0006", "期間終了日時の時刻の入力に誤りがあります。"),
        })?;
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        return Err(("0008", "期間開始日時＞期間終了日時です。"));
    }
    let events = books.hub.since(|sent| {
        let minute = sent.at.with().second(0).subsec_nanosecond(0).build().unwrap_or(sent.at);
        (event.is_empty() || sent.name == event)
            && (user.is_empty() || sent.user == user)
            && start.is_none_or(|start| start <= minute)
            && end.is_none_or(|end| minute <= end)
    });
    if events.is_empty() {
        return Err(("0007", "対象となるＰＵＳＨ通知が存在しませんでした。"));
    }
    Ok(events.iter().map(|event| json!({"data": event.data})).collect())
}

enum Part {
    Date,
    Time,
}

/// `2018-01-24 13:00`, or the day alone.
fn moment(text: &str, without_time: Time) -> Result<Option<DateTime>, Part> {
    if text.is_empty() {
        return Ok(None);
    }
    let (day, time) = text.split_once(' ').unwrap_or((text, ""));
    let day: Date = super::date(day).ok().flatten().ok_or(Part::Date)?;
    let time = if time.is_empty() {
        without_time
    } else {
        Time::strptime("%H:%M", time).map_err(|_| Part::Time)?
    };
    Ok(Some(day.to_datetime(time)))
}
