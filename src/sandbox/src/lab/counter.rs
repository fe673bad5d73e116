//! The counter: an order is taken as a whole or not at all, and the answer says why.

use clinical::lab::SpecimenNumber;
use exchange::hl7v2::{
    AckMessage, AnswerMessage, AnsweredSpecimen, AnsweredTest, Hl7Error, OrderControl,
    OrderMessage, OrderedSpecimen, Problem, Said, Verdict,
};

use super::books::{Books, HeardMessage, State, Way};

// HL7 table 0357.
const MISSING: &str = "101";
const UNKNOWN_CODE: &str = "103";
const DUPLICATE: &str = "205";
const INTERNAL: &str = "207";

/// The answer to an order, as bytes; an error where the bytes are no order at all.
pub(super) fn order(books: &Books, bytes: &[u8], way: Way) -> Result<Vec<u8>, Hl7Error> {
    let order = OrderMessage::read(bytes)?.value;
    let mut guard = books.state();
    let state = &mut *guard;
    // The same message again gets the same answer: the first one may have been lost.
    if let Some(before) = sent_before(state, &order)
        && before.1
    {
        return Ok(before.0);
    }
    let problems = problems(books, state, &order);
    let answer = if problems.is_empty() {
        let specimens = match order.control {
            OrderControl::New => take(books, state, &order, way),
            OrderControl::Cancel => cancel(state, &order),
        };
        answer(books, state, &order, Verdict::Accepted, Vec::new(), specimens)
    } else {
        let stranger = order.head.sender.facility != books.clinic;
        let verdict = if stranger { Verdict::Rejected } else { Verdict::Error };
        answer(books, state, &order, verdict, problems, Vec::new())
    };
    let verdict = answer.verdict;
    let written = answer.write()?.bytes;
    state.heard.push(HeardMessage { bytes: bytes.to_vec(), answer: written.clone(), verdict });
    Ok(written)
}

fn answer(
    books: &Books,
    state: &mut State,
    order: &OrderMessage,
    verdict: Verdict,
    problems: Vec<Problem>,
    specimens: Vec<AnsweredSpecimen>,
) -> AnswerMessage {
    let head = books.head(state, order.head.charset);
    let to = match order.head.control_id.as_str() {
        "" => "0",
        id => id,
    };
    AnswerMessage {
        head: exchange::hl7v2::Head { receiver: order.head.sender.clone(), ..head },
        to: to.to_owned(),
        verdict,
        text: String::new(),
        problems,
        patient: (verdict == Verdict::Accepted).then(|| order.patient.clone()),
        specimens,
    }
}

fn problem(place: impl Into<String>, code: &str, text: impl Into<String>) -> Problem {
    Problem { place: place.into(), code: code.to_owned(), text: text.into() }
}

/// All that is wrong with an order.
fn problems(books: &Books, state: &mut State, order: &OrderMessage) -> Vec<Problem> {
    if let Some(words) = state.refuse_next.take() {
        return vec![problem("", INTERNAL, words)];
    }
    let mut found = Vec::new();
    if order.head.sender.facility != books.clinic {
        found.push(problem("MSH^1^4", UNKNOWN_CODE, "契約のない医療機関コードです"));
    }
    if order.head.control_id.is_empty() {
        found.push(problem("MSH^1^10", MISSING, "メッセージ管理番号がありません"));
    } else if sent_before(state, order).is_some() {
        let text = "同じ管理番号で内容の違うメッセージを受け取っています";
        found.push(problem("MSH^1^10", DUPLICATE, text));
    }
    if order.patient.number.is_empty() {
        found.push(problem("PID^1^3", MISSING, "患者番号がありません"));
    }
    if order.patient.name.kana.is_empty() && order.patient.name.kanji.is_empty() {
        found.push(problem("PID^1^5", MISSING, "患者氏名がありません"));
    }
    if order.specimens.is_empty() {
        found.push(problem("SPM", MISSING, "検体がありません"));
    }
    for (at, specimen) in order.specimens.iter().enumerate() {
        specimen_problems(state, order, specimen, at + 1, &mut found);
    }
    found
}

/// The answer to an earlier message of the same control id, and whether that one said the same. When it was written
/// does not count.
fn sent_before(state: &State, order: &OrderMessage) -> Option<(Vec<u8>, bool)> {
    let undated = |order: &OrderMessage| {
        let mut order = order.clone();
        order.head.at = None;
        order
    };
    let new = undated(order);
    state.heard.iter().find_map(|heard| {
        let old = undated(&OrderMessage::read(&heard.bytes).ok()?.value);
        (old.head.control_id == new.head.control_id).then(|| (heard.answer.clone(), old == new))
    })
}

fn specimen_problems(
    state: &State,
    order: &OrderMessage,
    specimen: &OrderedSpecimen,
    at: usize,
    found: &mut Vec<Problem>,
) {
    let number = &specimen.number;
    let place = |field: usize| format!("SPM^{at}^{field}");
    if let Err(error) = SpecimenNumber::parse(number) {
        let text = match error {
            clinical::lab::SpecimenNumberError::CheckDigit => "検体番号の検査数字が合いません",
            _ => "検体番号の形が違います",
        };
        found.push(problem(place(2), UNKNOWN_CODE, text));
    }
    let twice = order.specimens.iter().take(at - 1).any(|other| other.number == *number);
    let known = order.control == OrderControl::New && state.jobs.contains_key(number);
    if twice || known {
        found.push(problem(place(2), DUPLICATE, format!("検体番号 {number} は受付済みです")));
    }
    if specimen.collected_at.is_none() && order.control == OrderControl::New {
        found.push(problem(place(17), MISSING, "採取日時がありません"));
    }
    if specimen.tests.is_empty() {
        found.push(problem("ORC", MISSING, format!("検体 {number} に検査項目がありません")));
    }
    for test in &specimen.tests {
        if test.placer.is_empty() {
            found.push(problem("ORC^1^2", MISSING, "依頼番号がありません"));
        }
        let known = match &test.code.jlac10 {
            Some(code) => codes::labs::by_jlac10(code).is_some(),
            None => codes::labs::by_key(&test.code.local).is_some(),
        };
        if !known {
            let text = format!("検査項目「{}」は受託していません", test.name);
            found.push(problem("OBR^1^4", UNKNOWN_CODE, text));
        }
    }
}

fn answered(specimen: &OrderedSpecimen, filler: &str, said: Said, why: &str) -> AnsweredSpecimen {
    let tests = specimen.tests.iter().map(|test| AnsweredTest {
        placer: test.placer.clone(),
        filler: filler.to_owned(),
        said,
        why: why.to_owned(),
    });
    AnsweredSpecimen {
        number: specimen.number.clone(),
        material: specimen.material.clone(),
        material_name: specimen.material_name.clone(),
        tests: tests.collect(),
    }
}

fn take(books: &Books, state: &mut State, order: &OrderMessage, way: Way) -> Vec<AnsweredSpecimen> {
    let specimens = order.specimens.iter().map(|specimen| {
        let filler = books.take(state, &order.patient, specimen, way, order.head.charset);
        answered(specimen, &filler, Said::Accepted, "")
    });
    specimens.collect()
}

/// Stops what nobody has measured yet.
fn cancel(state: &mut State, order: &OrderMessage) -> Vec<AnsweredSpecimen> {
    let specimens = order.specimens.iter().map(|specimen| {
        let Some(job) = state.jobs.get_mut(&specimen.number) else {
            return answered(specimen, "", Said::NotCancelled, "受付していない検体です");
        };
        let filler = job.filler.clone();
        if job.told {
            return answered(specimen, &filler, Said::NotCancelled, "検査が済んでいます");
        }
        job.cancelled = true;
        answered(specimen, &filler, Said::Cancelled, "")
    });
    specimens.collect()
}

/// Takes an acknowledgement of a result. Whatever it says, the message is not offered again.
pub(super) fn acknowledge(books: &Books, bytes: &[u8]) -> Result<bool, Hl7Error> {
    let ack = AckMessage::read(bytes)?.value;
    let mut state = books.state();
    let Some(at) = state.parcels.iter().position(|parcel| parcel.control_id == ack.to) else {
        return Ok(false);
    };
    if ack.verdict != Verdict::Accepted {
        let words = ack.words();
        state.refused.push(words);
    }
    if let Some(parcel) = state.parcels.remove(at) {
        state.delivered.push(parcel);
    }
    state.acks.push(ack);
    Ok(true)
}
