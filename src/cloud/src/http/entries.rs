//! What people have confirmed at the terminals, as it arrives.

use api::entries::{Entry, KEY_HEADER, Receipt, SIGNATURE_HEADER};
use api::{ErrorBody, ErrorCode};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use jiff::civil::Date;
use uuid::Uuid;

use super::Shared;
use super::error::ApiError;
use super::extract::{PathOf, Peer, RawJson};

/// How far a terminal's clock is believed to be ahead of the cloud's.
const CLOCKS_APART_DAYS: i64 = 2;

/// Hand in an entry
///
/// Needs no token: the entry is signed (Ed25519 over `soegaki entry 1`, a line feed, and the exact bytes of the body)
/// with a key that a sign-in has made known, and that key tells whose entry it is. The receipt comes after the
/// entry is durably stored and names its id and the SHA-256 of the bytes received. The same id with the same
/// bytes is stored once and gets the same receipt again; with other bytes it is `invalid`. A change of a
/// reception's state that came too late is on record with `applied: false`.
#[utoipa::path(put, path = api::routes::ENTRY, tag = "entries", operation_id = "putEntry", request_body = Entry,
    params(("id" = String, Path, format = Uuid, description = "The entry's id (UUIDv7), the same as in the body"),
           ("soegaki-entry-key" = String, Header, description = "Public key that signed the body, hexadecimal",
            min_length = 64, max_length = 64, pattern = "^[0-9A-Fa-f]{64}$"),
           ("soegaki-entry-signature" = String, Header, description = "The signature, hexadecimal",
            min_length = 128, max_length = 128, pattern = "^[0-9A-Fa-f]{128}$")),
    responses(
        (status = 200, description = "The entry is stored.", body = Receipt),
        (status = 401, description = "`entry_key_unknown`: no known key has signed these bytes. Sign in again, sign anew",
            body = ErrorBody),
        (status = 403, description = "`forbidden`: the account is disabled, or its role may not do this", body = ErrorBody),
        (status = 404, description = "`not_found`: no such patient, reception, lab order, set or report", body = ErrorBody),
        (status = 413, description = "`too_large`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn take(
    State(shared): State<Shared>,
    Peer(peer): Peer,
    PathOf(id): PathOf<Uuid>,
    headers: HeaderMap,
    RawJson(body): RawJson,
) -> Result<Json<Receipt>, ApiError> {
    let (key, signature) = (header(&headers, KEY_HEADER), header(&headers, SIGNATURE_HEADER));
    let author = shared.accounts.entry_author(key, signature, &body, peer.ip()).await?;
    let author = author.ok_or_else(|| {
        let text = "no key known here has signed these bytes; sign in at the terminal again";
        ApiError::new(ErrorCode::EntryKeyUnknown, text)
    })?;
    // From here on the sender is known; whatever is refused now is refused to that person.
    let entry: Entry = RawJson::parse(&body)?;
    if entry.id != id {
        return Err(ApiError::invalid("the entry's id is not the path's"));
    }
    let today = shared.clock.today(author.offset);
    let confirmed = author.offset.to_datetime(entry.entered_at).date();
    let today = day_of_judgement(today, confirmed);
    let receipt = shared.store.take_entry(&author, &entry, &body, signature, today).await?;
    Ok(Json(receipt))
}

/// The day after which nothing can have happened that the entry tells. What was right when the person confirmed it
/// stays right when one of the clocks is a day or two off; a terminal whose clock runs wild is not followed.
fn day_of_judgement(today: Date, confirmed: Date) -> Date {
    let latest = today.saturating_add(jiff::Span::new().days(CLOCKS_APART_DAYS));
    today.max(confirmed.min(latest))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::day_of_judgement;
    use jiff::civil::date;

    #[test]
    fn the_later_clock_counts_unless_it_runs_wild() {
        let today = date(2026, 11, 22);
        for (confirmed, expected) in [(21, 22), (22, 22), (23, 23), (24, 24), (25, 24)] {
            let day = day_of_judgement(today, date(2026, 11, confirmed));
            assert_eq!(day, date(2026, 11, expected), "{confirmed}");
        }
        assert_eq!(day_of_judgement(date(9999, 12, 31), today), date(9999, 12, 31));
    }
}
