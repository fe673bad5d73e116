//! What is written comes back, another reader agrees, and no bytes make a reader panic.

use clinical::{InsuranceCombination, Patient};
use exchange::orca::{
    ApiResult, Basics, Message, Node, acceptlstv2, acceptmodv2, medicalmodv2, patientgetv2,
    patientlst1v2, patientlst2v2, patientlst3v2, push, pusheventgetv2, system01lstv2, xml2,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::second_opinion::independent;
use crate::{fixture, names, strategies};

/// The tree as XML can carry it.
fn carried(node: &Node) -> Node {
    match node {
        Node::Text(text) => Node::Text(xml2::carried(text)),
        Node::Record(fields) => {
            Node::Record(fields.iter().map(|(name, node)| (name.clone(), carried(node))).collect())
        }
        Node::Array(rows) => Node::Array(rows.iter().map(carried).collect()),
    }
}

/// What is left of a patient in a list.
fn as_listed(patient: &Patient) -> Patient {
    let insurance = Basics::of(patient, None).health.into_iter().map(|held| InsuranceCombination {
        number: String::new(),
        health: Some(held.insurance),
        public: Vec::new(),
        share_percent: None,
        valid_from: held.valid_from,
        valid_to: held.valid_to,
        checked_on: None,
    });
    Patient {
        householder: String::new(),
        phones: patient.phones.iter().take(2).cloned().collect(),
        insurance: insurance.collect(),
        safety: Vec::new(),
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
        ..patient.clone()
    }
}

/// Every reader there is.
fn read_everything(bytes: &[u8]) {
    let _ = Message::read(bytes);
    let _ = xml2::read_strict(bytes);
    let _ = xml2::read_tolerant(bytes);
    let _ = xml2::read_json(bytes);
    let _ = (patientgetv2::read_request(bytes), patientgetv2::read_reply(bytes));
    let _ = (patientlst1v2::read_request(bytes), patientlst1v2::read_reply(bytes));
    let _ = (patientlst2v2::read_request(bytes), patientlst2v2::read_reply(bytes));
    let _ = (patientlst3v2::read_request(bytes), patientlst3v2::read_reply(bytes));
    let _ = (acceptlstv2::read_request(bytes), acceptlstv2::read_reply(bytes));
    let _ = (acceptmodv2::read_request(bytes), acceptmodv2::read_reply(bytes));
    let class = medicalmodv2::Class::Register;
    let _ = (medicalmodv2::read_request(class, bytes), medicalmodv2::read_tolerant(bytes));
    let _ = (system01lstv2::read_request(bytes), system01lstv2::read_reply(bytes));
    let _ = (pusheventgetv2::read_request(bytes), pusheventgetv2::read_reply(bytes));
    let _ = (push::read_command(bytes), push::read_notice(bytes));
}

proptest! {
    #[test]
    fn any_message_comes_back(node in strategies::node()) {
        let message = Message { record: "testres".into(), body: node };
        let expected = Message { record: "testres".into(), body: carried(&message.body) };
        let reply = xml2::write_reply(&message);
        prop_assert_eq!(&xml2::read_strict(reply.as_bytes()).unwrap(), &expected);
        prop_assert_eq!(&xml2::read_tolerant(reply.as_bytes()).unwrap(), &expected);
        prop_assert_eq!(&independent(&reply).unwrap(), &expected);
        let request = xml2::write_request(&message);
        prop_assert_eq!(&independent(&request).unwrap(), &expected);
    }

    #[test]
    fn any_patient_comes_back(patient in strategies::patient()) {
        let reply = patientgetv2::Reply {
            at: Some(jiff::civil::date(2026, 4, 6).at(9, 15, 42, 0)),
            result: ApiResult::ok(),
            patient: Some(patient),
            warnings: Vec::new(),
        };
        let written = patientgetv2::write_reply(&reply);
        independent(&written).unwrap();
        prop_assert_eq!(patientgetv2::read_reply(written.as_bytes()).unwrap(), reply);
    }

    #[test]
    fn any_list_of_patients_comes_back(
        patients in vec(strategies::patient(), 0..4),
        unknown in vec(strategies::number(), 0..3),
    ) {
        let reply = patientlst2v2::Reply {
            at: None,
            result: ApiResult::ok(),
            count: Some(4),
            patients,
            unknown,
            warnings: Vec::new(),
        };
        let written = patientlst2v2::write_reply(&reply);
        independent(&written).unwrap();
        let read = patientlst2v2::read_reply(written.as_bytes()).unwrap();
        let expected: Vec<_> = reply.patients.iter().map(as_listed).collect();
        prop_assert_eq!(read, patientlst2v2::Reply { patients: expected, ..reply });
    }

    #[test]
    fn any_search_comes_back(patients in vec(strategies::patient(), 0..4), day in strategies::day()) {
        let found = |patient: &Patient| Basics {
            patient: Patient { insurance: Vec::new(), ..as_listed(patient) },
            ..Basics::of(patient, Some(day))
        };
        let reply = patientlst3v2::Reply {
            at: None,
            result: ApiResult::ok(),
            count: Some(4),
            found: patients.iter().map(found).collect(),
            warnings: Vec::new(),
        };
        let written = patientlst3v2::write_reply(&reply);
        prop_assert_eq!(patientlst3v2::read_reply(written.as_bytes()).unwrap(), reply);
    }

    #[test]
    fn any_reception_list_comes_back(rows in vec(strategies::row(), 0..5), date in strategies::day()) {
        let reply = acceptlstv2::Reply {
            at: None,
            result: ApiResult::ok(),
            date: Some(date),
            rows,
            warnings: Vec::new(),
        };
        let written = acceptlstv2::write_reply(&reply);
        independent(&written).unwrap();
        prop_assert_eq!(acceptlstv2::read_reply(written.as_bytes()).unwrap(), reply);
    }

    #[test]
    fn any_accept_request_comes_back(request in strategies::accept_request()) {
        let written = acceptmodv2::write_request(&request);
        independent(&written).unwrap();
        prop_assert_eq!(acceptmodv2::read_request(written.as_bytes()).unwrap(), request);
    }

    #[test]
    fn any_order_comes_back(request in strategies::order_request()) {
        let written = medicalmodv2::write_request(&request);
        let theirs = independent(&written).unwrap();
        prop_assert_eq!(xml2::read_strict(written.as_bytes()).unwrap(), theirs);
        let heard = medicalmodv2::read_tolerant(written.as_bytes()).unwrap();
        prop_assert_eq!((&heard.order, &heard.uid), (&request.order, &request.uid));
        prop_assert_eq!(heard.warnings, Vec::new());
        let read = medicalmodv2::read_request(request.class, written.as_bytes()).unwrap();
        prop_assert_eq!(read, request);
    }

    #[test]
    fn any_event_comes_back(event in strategies::event()) {
        let notice = push::Notice::Event { subscription: "s-1".into(), event: event.clone() };
        let written = push::write_notice(&notice);
        prop_assert_eq!(push::read_notice(written.as_bytes()).unwrap(), (notice, Vec::new()));
        let missed = pusheventgetv2::Reply {
            result: ApiResult::ok(),
            events: vec![event],
            warnings: Vec::new(),
        };
        let written = pusheventgetv2::write_reply(&missed);
        prop_assert_eq!(pusheventgetv2::read_reply(written.as_bytes()).unwrap(), missed);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..400)) {
        read_everything(&bytes);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[<>&;#x0-9a-z/=\"' _!\\[\\]{}:,\\-]{0,200}") {
        read_everything(text.as_bytes());
        read_everything(format!("<xmlio2><acceptlstres>{text}</acceptlstres></xmlio2>").as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A real message with a few bytes changed, and cut somewhere.
    #[test]
    fn no_damaged_message_makes_a_reader_panic(
        which in any::<prop::sample::Index>(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut all = names(".xml");
        all.extend(names(".json"));
        let mut bytes = fixture(&all[which.index(all.len())]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read_everything(&bytes);
        bytes.truncate(cut.index(bytes.len() + 1));
        read_everything(&bytes);
    }
}
