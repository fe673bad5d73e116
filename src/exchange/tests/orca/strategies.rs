//! Arbitrary values, in the form in which the receipt computer can carry them.

use clinical::{
    Address, BillingOrder, Department, HealthInsurance, InsuranceCombination, OrderGroup,
    OrderItem, Patient, PatientNumber, PersonName, Physician, PublicExpense, SafetyKind,
    SafetyRemark, Sex,
};
use exchange::orca::{Node, Person, acceptlstv2, acceptmodv2, medicalmodv2, push, xml2};
use jiff::civil::{Date, Time};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Any characters at all, many of them troublesome ones.
pub(crate) fn wild() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just('<'),
        Just('>'),
        Just('&'),
        Just('"'),
        Just('\''),
        Just('\r'),
        Just('\n'),
        Just('\t'),
        Just('\0'),
        Just('\u{1}'),
        Just('\u{b}'),
        Just('\u{1f}'),
        Just('\u{7f}'),
        Just('\u{85}'),
        Just('\u{2028}'),
        Just('\u{feff}'),
        Just('\u{fffe}'),
        Just('\u{ffff}'),
        Just('　'),
        Just('𠮷'),
        Just('髙'),
        Just(']'),
        any::<char>(),
    ];
    vec(nasty, 0..12).prop_map(|chars| chars.into_iter().collect())
}

/// What a text field gives back: what XML carries, without blanks around it.
pub(crate) fn text() -> impl Strategy<Value = String> {
    wild().prop_map(|text| xml2::carried(&text).trim().to_owned())
}

pub(crate) fn filled() -> impl Strategy<Value = String> {
    text().prop_map(|text| if text.is_empty() { "あ".to_owned() } else { text })
}

fn code(length: usize) -> impl Strategy<Value = String> {
    vec(proptest::char::range('0', '9'), length).prop_map(|digits| digits.into_iter().collect())
}

pub(crate) fn day() -> impl Strategy<Value = Date> {
    (1850_i16..2200, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

pub(crate) fn clock() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60, 0_i8..60).prop_map(|(h, m, s)| jiff::civil::time(h, m, s, 0))
}

fn sex() -> impl Strategy<Value = Sex> {
    prop_oneof![Just(Sex::Male), Just(Sex::Female), Just(Sex::Unknown)]
}

pub(crate) fn number() -> impl Strategy<Value = PatientNumber> {
    "[0-9A-Za-z-]{1,20}".prop_map(|text| PatientNumber::parse(&text).expect("a number"))
}

fn name() -> impl Strategy<Value = PersonName> {
    (text(), text()).prop_map(|(kanji, kana)| PersonName { kanji, kana })
}

pub(crate) fn node() -> impl Strategy<Value = Node> {
    let leaf = wild().prop_map(Node::Text);
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(("[A-Za-z_][A-Za-z0-9_.-]{0,12}", inner.clone()), 0..6).prop_map(Node::Record),
            vec(inner, 0..6).prop_map(Node::Array),
        ]
    })
}

fn health() -> impl Strategy<Value = HealthInsurance> {
    (code(3), text(), filled(), text(), text(), text(), option::of(any::<bool>())).prop_map(
        |(class, name, insurer_number, symbol, number, branch, insured_self)| HealthInsurance {
            class,
            name,
            insurer_number,
            symbol,
            number,
            branch,
            insured_self,
        },
    )
}

fn public() -> impl Strategy<Value = PublicExpense> {
    (text(), text(), text(), text(), option::of(day()), option::of(day())).prop_map(
        |(class, name, payer_number, recipient_number, valid_from, valid_to)| PublicExpense {
            class,
            name,
            payer_number,
            recipient_number,
            valid_from,
            valid_to,
        },
    )
}

fn combination() -> impl Strategy<Value = InsuranceCombination> {
    let days = (option::of(day()), option::of(day()), option::of(day()));
    (code(4), option::of(health()), vec(public(), 0..4), option::of(0_u8..=100), days).prop_map(
        |(number, health, public, share_percent, (valid_from, valid_to, checked_on))| {
            InsuranceCombination {
                number,
                health,
                public,
                share_percent,
                valid_from,
                valid_to,
                checked_on,
            }
        },
    )
}

/// Remarks in the order in which the reader gives them: forbidden drugs, then the text fields.
fn safety() -> impl Strategy<Value = Vec<SafetyRemark>> {
    let kinds = [
        SafetyKind::Contraindication,
        SafetyKind::Allergy,
        SafetyKind::Infection,
        SafetyKind::Comment,
    ];
    (vec((code(9), filled()), 0..3), [0, 1, 2, 3].map(|_| vec(filled(), 0..=2))).prop_map(
        move |(drugs, texts)| {
            let drugs = drugs.into_iter().map(|(code, text)| SafetyRemark {
                kind: SafetyKind::Contraindication,
                text,
                drug_code: Some(code),
            });
            let remarks = kinds.into_iter().zip(texts).flat_map(|(kind, texts)| {
                texts.into_iter().map(move |text| SafetyRemark { kind, text, drug_code: None })
            });
            drugs.chain(remarks).collect()
        },
    )
}

pub(crate) fn patient() -> impl Strategy<Value = Patient> {
    let address = ("([0-9]{7})?", text(), text()).prop_map(|(postal_code, line1, line2)| Address {
        postal_code,
        line1,
        line2,
    });
    let phones = vec(filled(), 0..=5).prop_map(|phones| {
        let mut once: Vec<String> = Vec::new();
        for phone in phones {
            if !once.contains(&phone) {
                once.push(phone);
            }
        }
        once
    });
    let who = (number(), name(), option::of(day()), sex(), text());
    let visits = (option::of(day()), option::of(day()), any::<bool>(), any::<bool>());
    (who, address, phones, vec(combination(), 0..4), safety(), visits).prop_map(
        |(who, address, phones, insurance, safety, visits)| Patient {
            number: who.0,
            name: who.1,
            birth_date: who.2,
            sex: who.3,
            householder: who.4,
            address,
            phones,
            insurance,
            safety,
            first_visit: visits.0,
            last_visit: visits.1,
            test_patient: visits.2,
            deceased: visits.3,
        },
    )
}

fn person() -> impl Strategy<Value = Person> {
    (option::of(number()), name(), option::of(day()), sex())
        .prop_map(|(number, name, birth_date, sex)| Person { number, name, birth_date, sex })
}

pub(crate) fn row() -> impl Strategy<Value = acceptlstv2::Row> {
    let codes = (text(), text(), text(), text(), text());
    let times = (clock(), option::of(clock()), option::of(clock()));
    let rest = (person(), option::of(combination()), option::of(0_u32..9999));
    (code(5), codes, times, rest).prop_map(|(id, codes, times, rest)| acceptlstv2::Row {
        id,
        time: times.0,
        department: Department { code: codes.0, name: codes.1 },
        physician: Physician { code: codes.2, name: codes.3 },
        content: codes.4,
        paid_at: times.1,
        appointment: times.2,
        person: rest.0,
        insurance: rest.1,
        moved_to: rest.2,
    })
}

pub(crate) fn accept_request() -> impl Strategy<Value = acceptmodv2::Request> {
    let action = prop_oneof![
        Just(acceptmodv2::Action::Query),
        Just(acceptmodv2::Action::Add),
        Just(acceptmodv2::Action::Cancel),
        Just(acceptmodv2::Action::SetPatient),
    ];
    let given = || option::of(filled());
    let codes = (given(), given(), given(), given(), given(), given());
    (action, option::of(number()), option::of(day()), option::of(clock()), codes).prop_map(
        |(action, patient, date, time, codes)| acceptmodv2::Request {
            action,
            patient,
            name: codes.0,
            date,
            time,
            id: codes.1,
            department: codes.2,
            physician: codes.3,
            content: codes.4,
            insurance_combination: codes.5,
        },
    )
}

/// Text as JSON carries it: everything, without blanks around it.
fn json_text() -> impl Strategy<Value = String> {
    wild().prop_map(|text| text.trim().to_owned())
}

pub(crate) fn event() -> impl Strategy<Value = push::Event> {
    let mode =
        || prop_oneof![Just(push::Mode::Add), Just(push::Mode::Modify), Just(push::Mode::Delete)];
    let when = || (option::of(number()), option::of(day()), option::of(clock()));
    let codes = || (json_text(), json_text(), json_text(), json_text());
    let accept = (mode(), when(), codes()).prop_map(|(mode, when, codes)| {
        push::Body::Accept(push::Accept {
            mode,
            patient: when.0,
            date: when.1,
            time: when.2,
            id: codes.0,
            department: codes.1,
            physician: codes.2,
            insurance_combination: codes.3,
        })
    });
    let information = (mode(), when()).prop_map(|(mode, when)| {
        push::Body::Information(push::Information {
            mode,
            patient: when.0,
            date: when.1,
            time: when.2,
        })
    });
    let bill = (code(4), codes()).prop_map(|(number, codes)| push::Bill {
        insurance_combination: number,
        department: codes.0,
        physician: codes.1,
        invoice: codes.2,
    });
    let account = (mode(), when(), vec(bill, 0..3)).prop_map(|(mode, when, bills)| {
        push::Body::Account(push::Account { mode, patient: when.0, date: when.1, bills })
    });
    let other = Just(push::Body::Other { event: "print001".to_owned() });
    let body = prop_oneof![accept, information, account, other];
    (any::<u32>(), json_text(), json_text(), option::of(0_i64..4_000_000_000), body).prop_map(
        |(id, uuid, user, second, body)| push::Event {
            id,
            uuid,
            user,
            time: second.map(|s| jiff::Timestamp::from_second(s).expect("in range")),
            body,
        },
    )
}

fn order_group() -> impl Strategy<Value = OrderGroup> {
    let item = (code(9), text(), text()).prop_map(|(code, name, quantity)| OrderItem {
        code,
        name,
        quantity,
    });
    (code(3), text(), any::<u32>(), vec(item, 0..4)).prop_map(
        |(class, class_name, count, items)| OrderGroup { class, class_name, count, items },
    )
}

fn order() -> impl Strategy<Value = BillingOrder> {
    let visit = (code(2), code(5), prop_oneof![Just(String::new()), code(4)]);
    (number(), day(), option::of(clock()), visit, vec(order_group(), 0..4)).prop_map(
        |(patient, performed_on, performed_at, visit, groups)| BillingOrder {
            patient,
            performed_on,
            performed_at,
            department: visit.0,
            physician: visit.1,
            insurance_combination: visit.2,
            groups,
        },
    )
}

pub(crate) fn order_request() -> impl Strategy<Value = medicalmodv2::Request> {
    use medicalmodv2::{Class, Request};
    let nameless = (prop_oneof![Just(Class::Register), Just(Class::Append)], option::of(filled()));
    let named = (prop_oneof![Just(Class::Delete), Just(Class::Replace)], filled().prop_map(Some));
    (prop_oneof![nameless, named], order()).prop_map(|((class, uid), order)| Request {
        class,
        order,
        uid,
    })
}
