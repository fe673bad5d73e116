use jiff::civil::{date, time};

use super::*;

fn item() -> OrderItem {
    OrderItem { code: "112007410".into(), name: "再診料".into(), quantity: "1".into() }
}

fn order(groups: usize, items: usize) -> BillingOrder {
    let group = OrderGroup {
        class: "120".into(),
        class_name: "再診".into(),
        count: 1,
        items: vec![item(); items],
    };
    BillingOrder {
        patient: PatientNumber::parse("00127").unwrap(),
        performed_on: date(2026, 4, 6),
        performed_at: Some(time(9, 12, 30, 0)),
        department: "01".into(),
        physician: "10001".into(),
        insurance_combination: "0001".into(),
        groups: vec![group; groups],
    }
}

#[test]
fn an_order_may_be_full_but_not_fuller() {
    assert_eq!(order(1, 1).check(), []);
    assert_eq!(order(40, 40).check(), []);
    assert_eq!(order(41, 1).check(), [OrderError::TooManyGroups]);
    assert_eq!(
        order(2, 41).check(),
        [OrderError::TooManyItems { group: 1 }, OrderError::TooManyItems { group: 2 }]
    );
}

#[test]
fn every_group_has_a_class() {
    for wrong in ["", "12", "1200", "１２０", "12a", "再"] {
        let mut order = order(2, 1);
        order.groups[1].class = wrong.into();
        assert_eq!(order.check(), [OrderError::Class { group: 2 }], "{wrong}");
    }
}

#[test]
fn every_line_has_a_code_of_nine_digits() {
    for wrong in ["", "11200741", "1120074100", "11200741０", "S00001234"] {
        let mut order = order(2, 3);
        order.groups[0].items[2].code = wrong.into();
        let errors = order.check();
        assert_eq!(errors, [OrderError::Code { group: 1, item: 3 }], "{wrong}");
        assert_eq!(errors[0].to_string(), "group 1, line 3: the code is not nine digits");
    }
}

#[test]
fn an_order_comes_back_from_json() {
    let order = order(2, 2);
    let json = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<BillingOrder>(&json).unwrap(), order);
    assert!(json.contains(r#""performed_on":"2026-04-06","performed_at":"09:12:30""#), "{json}");
}
