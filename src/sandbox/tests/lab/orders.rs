//! Orders: taken as a whole or not at all, and the answer says why.

use clinical::lab::LabCode;
use exchange::hl7v2::{Charset, OrderControl, OrderMessage, TubeAnswer, Verdict};
use reqwest::StatusCode;
use sandbox::lab::Stage;

use crate::common::{builder, bytes, drawn, message, potassium, start};

#[tokio::test]
async fn orders_of_a_morning_are_taken_in_both_character_sets() {
    let (lab, client) = start(None).await;
    let orders = drawn(20);
    for (at, drawn) in orders.iter().enumerate() {
        let charset = if at % 2 == 0 { Charset::Utf8 } else { Charset::Jis };
        let message = message(drawn, &format!("S{at}"), charset);
        let answer = client.order(bytes(&message)).await;
        assert_eq!(answer.verdict, Verdict::Accepted, "{}", answer.words());
        assert_eq!((answer.to.as_str(), answer.head.charset), (&*format!("S{at}"), charset));
        assert_eq!(answer.head.receiver, message.head.sender);
        for tube in &drawn.order.tubes {
            let TubeAnswer::Accepted { filler, left_out } = answer.tube(tube.number.as_str())
            else {
                panic!("{} refused", tube.number);
            };
            assert!(filler.starts_with('L') && left_out.is_empty());
        }
    }
    let tubes: usize = orders.iter().map(|drawn| drawn.order.tubes.len()).sum();
    assert_eq!(lab.control.specimens().len(), tubes);
    assert_eq!(lab.control.heard().len(), 20);
    lab.stop().await;
}

#[tokio::test]
async fn the_same_order_again_is_answered_again_and_taken_once() {
    let (lab, client) = start(None).await;
    let first = potassium("S1");
    let answer = client.order(bytes(&first)).await;
    let mut later = first.clone();
    later.head.at = Some(later.head.at.unwrap().saturating_add(jiff::SignedDuration::from_mins(5)));
    assert_eq!(client.order(bytes(&later)).await, answer, "sent again, written later");
    assert_eq!(lab.control.specimens().len(), 1);
    assert_eq!(lab.control.heard().len(), 1);

    let mut other = first.clone();
    other.comment = "別の依頼".to_owned();
    let answer = client.order(bytes(&other)).await;
    assert_eq!(answer.verdict, Verdict::Error);
    assert!(answer.words().contains("同じ管理番号で内容の違う"), "{}", answer.words());
    other.head.control_id = "S2".to_owned();
    let answer = client.order(bytes(&other)).await;
    assert!(answer.words().contains("受付済み"), "{}", answer.words());
    lab.stop().await;
}

type Change = Box<dyn Fn(&mut OrderMessage)>;

#[tokio::test]
async fn what_is_wrong_with_an_order_is_told_in_words() {
    let (lab, client) = start(None).await;
    let wrong: [(&str, &str, Change); 8] = [
        ("SPM^1^2", "検査数字", Box::new(|m| m.specimens[0].number = "261124010011".to_owned())),
        ("SPM^1^2", "検体番号の形", Box::new(|m| m.specimens[0].number = "A1".to_owned())),
        ("SPM^1^17", "採取日時", Box::new(|m| m.specimens[0].collected_at = None)),
        ("SPM^2^2", "受付済み", Box::new(|m| m.specimens.push(m.specimens[0].clone()))),
        (
            "OBR^1^4",
            "「カリウム」は受託していません",
            Box::new(|m| {
                m.specimens[0].tests[0].code.jlac10 = Some("9Z999000002327201".to_owned());
            }),
        ),
        (
            "OBR^1^4",
            "受託していません",
            Box::new(|m| {
                m.specimens[0].tests[0].code = LabCode { jlac10: None, local: "NONE".to_owned() };
            }),
        ),
        ("MSH^1^4", "契約のない", Box::new(|m| m.head.sender.facility = "1300000000".to_owned())),
        ("PID^1^3", "患者番号", Box::new(|m| m.patient.number = "\u{3000}x".to_owned())),
    ];
    for (at, (place, words, change)) in wrong.iter().enumerate() {
        let mut message = potassium(&format!("S{at}"));
        change(&mut message);
        let mut bytes = bytes(&message);
        if *place == "PID^1^3" {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace("\u{3000}x^^^^PI", "").into_bytes();
        }
        let answer = client.order(bytes).await;
        let stranger = *place == "MSH^1^4";
        assert_eq!(answer.verdict, if stranger { Verdict::Rejected } else { Verdict::Error });
        assert_eq!(answer.problems[0].place, *place, "{:?}", answer.problems);
        assert!(answer.words().contains(words), "{words}: {}", answer.words());
        assert!(answer.specimens.is_empty());
    }
    assert_eq!(lab.control.specimens(), Vec::<String>::new(), "nothing of them was taken");
    assert_eq!(lab.control.heard().len(), wrong.len());

    let text = String::from_utf8(bytes(&potassium("S90"))).unwrap();
    let rows = text.split('\r').take_while(|row| !row.starts_with("SPM"));
    let none: String = rows.flat_map(|row| [row, "\r"]).collect();
    let reply = client.try_post("/orders", none.into_bytes()).await.unwrap();
    assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    assert!(reply.text().await.unwrap().contains("ORC-1"), "no test, so it wants nothing");
    lab.stop().await;
}

#[tokio::test]
async fn a_refusal_that_is_asked_for_comes_once() {
    let (lab, client) = start(None).await;
    lab.control.refuse_next("本日の受付は終わりました");
    let answer = client.order(bytes(&potassium("S1"))).await;
    assert_eq!(answer.verdict, Verdict::Error);
    let number = potassium("S1").specimens[0].number.clone();
    let why = "本日の受付は終わりました".to_owned();
    assert_eq!(answer.tube(&number), TubeAnswer::Refused { why });
    let answer = client.order(bytes(&potassium("S2"))).await;
    assert_eq!(answer.verdict, Verdict::Accepted);
    lab.stop().await;
}

#[tokio::test]
async fn a_cancellation_is_taken_until_something_was_told() {
    let (lab, client) = start(None).await;
    let cancel = |id: &str| OrderMessage { control: OrderControl::Cancel, ..potassium(id) };
    assert!(!client.order(bytes(&cancel("C0"))).await.cancelled(), "never ordered");
    assert_eq!(client.order(bytes(&potassium("S1"))).await.verdict, Verdict::Accepted);
    let answer = client.order(bytes(&cancel("C1"))).await;
    assert!(answer.cancelled(), "{answer:?}");
    lab.control.finish_now();
    assert_eq!(client.fetch().await, None, "nothing is measured any more");
    assert_eq!(lab.control.left(), (0, 0));
    lab.stop().await;

    let (lab, client) = start(None).await;
    client.order(bytes(&potassium("S1"))).await;
    lab.control.reach(Stage::Full);
    assert!(client.take().await.is_some());
    let answer = client.order(bytes(&cancel("C1"))).await;
    assert!(!answer.cancelled());
    assert_eq!(answer.specimens[0].tests[0].why, "検査が済んでいます");
    lab.stop().await;
}

#[tokio::test]
async fn nobody_comes_in_without_certificate_and_password() {
    let (lab, client) = start(None).await;
    let stranger = builder(&client.access).build().unwrap();
    let url = format!("{}/results", client.access.base_url);
    assert!(stranger.get(&url).send().await.is_err(), "no certificate, no connection");
    for (user, password) in [("soegaki", "wrong"), ("other", &*client.access.password)] {
        let reply = client.http.get(&url).basic_auth(user, Some(password)).send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    }
    let url = format!("{}/orders", client.access.base_url);
    let post = client.http.post(url).basic_auth(&client.access.user, Some(&client.access.password));
    let post = post.header("content-type", "text/plain").body(bytes(&potassium("S1")));
    assert_eq!(post.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let reply = client.try_post("/orders", b"<html>".to_vec()).await.unwrap();
    assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    assert!(reply.text().await.unwrap().contains("not an HL7 v2 message"));

    lab.control.down(true);
    assert!(client.try_post("/orders", bytes(&potassium("S1"))).await.is_err());
    lab.control.down(false);
    assert_eq!(client.order(bytes(&potassium("S1"))).await.verdict, Verdict::Accepted);
    lab.stop().await;
}
