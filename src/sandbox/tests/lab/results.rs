//! Results: after a while, in stages, and offered until they are acknowledged.

use std::time::Duration;

use clinical::lab::{Flag, ResultStatus};
use exchange::hl7v2::{Charset, ResultKind, ResultMessage, Verdict};
use sandbox::LabConfig;
use sandbox::lab::{Fate, Pace, Stage};

use crate::common::{NOW, bytes, config, drawn, message, potassium, start, start_with};

#[tokio::test]
async fn stage_after_stage_and_a_correction_names_what_was_wrong() {
    let (lab, client) = start(None).await;
    let fate = Fate { partial: true, corrected: true, ..Fate::default() };
    lab.control.next_fates([fate]);
    let order = potassium("S1");
    client.order(bytes(&order)).await;
    assert_eq!(client.fetch().await, None, "nothing is due");
    assert_eq!(lab.control.left(), (0, 3));

    lab.control.reach(Stage::Partial);
    let partial = client.take().await.unwrap();
    let [report] = &partial.reports[..] else { panic!("{:?}", partial.reports) };
    assert_eq!(report.specimen, order.specimens[0].number);
    assert_eq!(report.patient, order.patient);
    assert_eq!(report.collected_at, order.specimens[0].collected_at);
    assert_eq!(report.reported_at, Some(NOW));
    assert_eq!(report.results.len(), 1);
    assert_eq!(report.results[0].status, ResultStatus::Preliminary);
    assert_eq!(client.fetch().await, None);

    lab.control.reach(Stage::Full);
    let full = client.take().await.unwrap();
    let told: Vec<_> =
        full.reports[0].results.iter().map(|r| (r.code.local.as_str(), r.status)).collect();
    assert_eq!(told, [("K", ResultStatus::Final), ("CRE", ResultStatus::Final)]);
    assert_eq!(full.reports[0].results[0].value, report.results[0].value, "as told before");

    lab.control.finish_now();
    let corrected = client.take().await.unwrap();
    let [result] = &corrected.reports[0].results[..] else { panic!("{corrected:?}") };
    assert_eq!((result.code.local.as_str(), result.status), ("K", ResultStatus::Corrected));
    assert_ne!(result.value, full.reports[0].results[0].value);
    assert_eq!(client.fetch().await, None);
    assert_eq!(lab.control.left(), (0, 0));
    assert_eq!((lab.control.delivered().len(), lab.control.acks().len()), (3, 3));
    lab.stop().await;
}

#[tokio::test]
async fn panic_haemolysis_and_a_test_that_could_not_be_done() {
    let (lab, client) = start(None).await;
    lab.control.next_fates([Fate {
        panic: true,
        haemolysed: true,
        cancelled: true,
        ..Fate::default()
    }]);
    client.order(bytes(&potassium("S1"))).await;
    lab.control.finish_now();
    let message = client.take().await.unwrap();
    let report = &message.reports[0];
    assert_eq!(report.comments, ["軽度溶血"]);
    let [potassium, creatinine] = &report.results[..] else { panic!("{report:?}") };
    assert_eq!((potassium.value.0.as_str(), potassium.flag), ("6.8", Flag::PanicHigh));
    assert_eq!(potassium.comments, ["溶血の影響あり"]);
    assert_eq!(creatinine.status, ResultStatus::Cancelled);
    assert_eq!(creatinine.value.0, "");
    lab.stop().await;
}

#[tokio::test]
async fn a_message_stays_until_it_is_acknowledged_and_can_come_twice() {
    let (lab, client) = start(None).await;
    client.order(bytes(&potassium("S1"))).await;
    lab.control.finish_now();
    let first = client.fetch().await.unwrap();
    assert_eq!(client.fetch().await.unwrap(), first, "byte by byte the same");
    assert!(!lab.control.send_again(), "nothing was delivered yet");
    let heard = ResultMessage::read(&first).unwrap().value;
    assert_eq!(client.acknowledge(&heard, Verdict::Accepted, "").await, 204);
    assert_eq!(client.acknowledge(&heard, Verdict::Accepted, "").await, 404, "nothing waits");
    while client.take().await.is_some() {}

    lab.control.send_again();
    let again = client.fetch().await.unwrap();
    assert!(lab.control.delivered().contains(&again));
    let heard = ResultMessage::read(&again).unwrap().value;
    assert_eq!(client.acknowledge(&heard, Verdict::Error, "読めません").await, 204);
    assert_eq!(client.fetch().await, None, "what was refused does not hold up the others");
    assert_eq!(lab.control.refused(), ["読めません"]);
    let garbage = client.try_post("/results/ack", b"MSH|^~\\&|".to_vec()).await.unwrap();
    assert_eq!(garbage.status(), 400);
    lab.stop().await;
}

#[tokio::test]
async fn a_patient_that_nobody_knows_and_a_mixed_up_tube() {
    let (lab, client) = start(None).await;
    lab.control.send_report_for_unknown_patient();
    let stray = client.take().await.unwrap();
    assert_eq!(stray.reports[0].patient.number, "99999");
    let number = clinical::lab::SpecimenNumber::parse(&stray.reports[0].specimen).unwrap();
    assert_eq!(number.given(), (99, 999));

    let order = potassium("S1");
    client.order(bytes(&order)).await;
    let other = drawn(2)[1].told();
    assert!(lab.control.mix_up(&order.specimens[0].number, &other));
    assert!(!lab.control.mix_up("261124999999", &other));
    lab.control.finish_now();
    let mixed = client.take().await.unwrap();
    assert_eq!(mixed.reports[0].specimen, order.specimens[0].number);
    assert_eq!(mixed.reports[0].patient, other);
    assert_ne!(other, order.patient);
    lab.stop().await;
}

#[tokio::test]
async fn reports_of_one_patient_travel_together_in_the_charset_of_the_order() {
    let drawn = drawn(12);
    let drawn = drawn.iter().find(|drawn| drawn.order.tubes.len() > 1).unwrap();
    for (kind, charset) in
        [(ResultKind::BySpecimen, Charset::Jis), (ResultKind::ByOrder, Charset::Utf8)]
    {
        let (lab, client) = start_with(LabConfig { results: kind, ..config() }).await;
        let order = message(drawn, "S1", charset);
        lab.control.next_fates(order.specimens.iter().map(|_| Fate::default()));
        client.order(bytes(&order)).await;
        lab.control.finish_now();
        let told = client.take().await.unwrap();
        assert_eq!((told.kind, told.head.charset), (kind, charset));
        let numbers: Vec<_> = told.reports.iter().map(|r| r.specimen.as_str()).collect();
        let expected: Vec<_> = order.specimens.iter().map(|s| s.number.as_str()).collect();
        assert_eq!(numbers, expected);
        let items: usize = told.reports.iter().map(|report| report.results.len()).sum();
        assert_eq!(items, drawn.order.items.len());
        assert_eq!(client.fetch().await, None);
        lab.stop().await;
    }
}

#[tokio::test]
async fn results_come_by_themselves_and_the_same_seed_tells_the_same() {
    let soon = Duration::from_millis(1);
    let pace = Some(Pace { partial: soon, full: soon, corrected: soon });
    let mut told = Vec::new();
    for _ in 0..2 {
        let (lab, client) = start_with(LabConfig { pace, ..config() }).await;
        let drawn = &drawn(3)[2];
        client.order(bytes(&message(drawn, "S1", Charset::Utf8))).await;
        let mut results = Vec::new();
        for _ in 0..6000 {
            if let Some(message) = client.take().await {
                results.extend(message.reports.into_iter().flat_map(|report| report.results));
            } else if lab.control.left() == (0, 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(results.len() >= drawn.order.items.len(), "{}", results.len());
        told.push(results);
        lab.stop().await;
    }
    assert_eq!(told[0], told[1]);
}
