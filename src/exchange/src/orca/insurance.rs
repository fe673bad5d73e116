//! Insurance combinations, health insurance and public expenses.

use clinical::{HealthInsurance, InsuranceCombination, PublicExpense};

use super::fields::Fields;
use super::node::Node;
use super::notes::Notes;

/// Self-pay (自費) stands in the place of a health insurance but is none.
const SELF_PAY: &str = "980";

/// The combinations that the receipt computer shows for outpatients; those hidden there stay hidden here.
pub(crate) fn shown(notes: &mut Notes, node: &Node) -> Vec<InsuranceCombination> {
    notes.rows(node, "HealthInsurance_Information", |notes, row| {
        let hidden = row.text("Insurance_Nondisplay").contains('O');
        (!hidden).then(|| combination(notes, row))
    })
}

/// One combination.
pub(crate) fn combination(notes: &mut Notes, node: &Node) -> InsuranceCombination {
    InsuranceCombination {
        number: node.text("Insurance_Combination_Number").to_owned(),
        health: health(node),
        public: publics(notes, node),
        share_percent: share(notes, node, "InsuranceCombination_Rate_Outpatient"),
        valid_from: notes.date(node, "Certificate_StartDate"),
        valid_to: notes.date(node, "Certificate_ExpiredDate"),
        checked_on: notes.date(node, "Insurance_CheckDate"),
    }
}

/// The health insurance in a combination; `None` for self-pay and for public expense alone.
pub(crate) fn health(node: &Node) -> Option<HealthInsurance> {
    let take = |name: &str| node.text(name).to_owned();
    let insurance = HealthInsurance {
        class: take("InsuranceProvider_Class"),
        name: take("InsuranceProvider_WholeName"),
        insurer_number: take("InsuranceProvider_Number"),
        symbol: take("HealthInsuredPerson_Symbol"),
        number: take("HealthInsuredPerson_Number"),
        branch: take("HealthInsuredPerson_Branch_Number"),
        insured_self: match node.text("RelationToInsuredPerson") {
            "1" => Some(true),
            "2" => Some(false),
            _ => None,
        },
    };
    let real = !insurance.insurer_number.is_empty()
        || (!insurance.class.is_empty() && insurance.class != SELF_PAY);
    real.then_some(insurance)
}

/// The public expenses in a combination.
pub(crate) fn publics(notes: &mut Notes, node: &Node) -> Vec<PublicExpense> {
    notes.rows(node, "PublicInsurance_Information", |notes, row| {
        let take = |name: &str| row.text(name).to_owned();
        Some(PublicExpense {
            class: take("PublicInsurance_Class"),
            name: take("PublicInsurance_Name"),
            payer_number: take("PublicInsurer_Number"),
            recipient_number: take("PublicInsuredPerson_Number"),
            valid_from: notes.date(row, "Certificate_IssuedDate"),
            valid_to: notes.date(row, "Certificate_ExpiredDate"),
        })
    })
}

/// `0.30` → 30.
fn share(notes: &mut Notes, node: &Node, name: &str) -> Option<u8> {
    let text = node.text(name);
    if text.is_empty() {
        return None;
    }
    let percent = percent(text);
    if percent.is_none() {
        notes.warn(name, "not a share between 0 and 1");
    }
    percent
}

/// Decimal text to per cent without a detour over floating point.
fn percent(text: &str) -> Option<u8> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u16 = whole.parse().ok()?;
    let part: u16 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    let percent = whole.checked_mul(100)?.checked_add(part)?;
    u8::try_from(percent).ok().filter(|percent| *percent <= 100)
}

/// One combination as a record.
pub(crate) fn write_combination(combination: &InsuranceCombination) -> Fields {
    let share =
        combination.share_percent.map(|percent| format!("{}.{:02}", percent / 100, percent % 100));
    let mut fields = Fields::new().filled("Insurance_Combination_Number", &combination.number);
    if let Some(share) = share {
        fields = fields
            .text("InsuranceCombination_Rate_Admission", &share)
            .text("InsuranceCombination_Rate_Outpatient", &share);
    }
    fields = fields.text("Insurance_Nondisplay", "N");
    fields = match &combination.health {
        Some(health) => fields.and(write_health(health)),
        None if combination.public.is_empty() => fields
            .text("InsuranceProvider_Class", SELF_PAY)
            .text("InsuranceProvider_WholeName", "自費"),
        None => fields,
    };
    fields
        .date("Certificate_StartDate", combination.valid_from)
        .last_day("Certificate_ExpiredDate", combination.valid_to)
        .date("Insurance_CheckDate", combination.checked_on)
        .array("PublicInsurance_Information", combination.public.iter().map(write_public))
}

/// One health insurance as fields.
pub(crate) fn write_health(health: &HealthInsurance) -> Fields {
    let relation = match health.insured_self {
        Some(true) => "1",
        Some(false) => "2",
        None => "",
    };
    Fields::new()
        .filled("InsuranceProvider_Class", &health.class)
        .filled("InsuranceProvider_Number", &health.insurer_number)
        .filled("InsuranceProvider_WholeName", &health.name)
        .filled("HealthInsuredPerson_Symbol", &health.symbol)
        .filled("HealthInsuredPerson_Number", &health.number)
        .filled("HealthInsuredPerson_Branch_Number", &health.branch)
        .filled("RelationToInsuredPerson", relation)
}

/// One public expense as a record.
pub(crate) fn write_public(public: &PublicExpense) -> Fields {
    Fields::new()
        .filled("PublicInsurance_Class", &public.class)
        .filled("PublicInsurance_Name", &public.name)
        .filled("PublicInsurer_Number", &public.payer_number)
        .filled("PublicInsuredPerson_Number", &public.recipient_number)
        .date("Certificate_IssuedDate", public.valid_from)
        .last_day("Certificate_ExpiredDate", public.valid_to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        assert_eq!(percent("0.30"), Some(30));
        assert_eq!(percent("0.05"), Some(5));
        assert_eq!(percent("0.3"), Some(30));
        assert_eq!(percent("1.00"), Some(100));
        assert_eq!(percent("0"), Some(0));
        for wrong in ["1.01", "3割", "-0.3", "", ".3", "0.3.0", "99999999999", "０.３"] {
            assert_eq!(percent(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hidden_for_outpatients_stays_hidden() {
        let row = |number: &str, hidden: &str| {
            Fields::new()
                .text("Insurance_Combination_Number", number)
                .text("Insurance_Nondisplay", hidden)
        };
        let node = Fields::new()
            .array(
                "HealthInsurance_Information",
                [row("0001", "N"), row("0002", "O"), row("0003", "I"), row("0004", "")],
            )
            .node();
        let shown = shown(&mut Notes::default(), &node);
        let numbers: Vec<_> = shown.iter().map(|c| c.number.as_str()).collect();
        assert_eq!(numbers, ["0001", "0003", "0004"]);
    }

    #[test]
    fn self_pay_is_no_health_insurance() {
        let self_pay = Fields::new()
            .text("InsuranceProvider_Class", "980")
            .text("InsuranceProvider_WholeName", "自費")
            .node();
        assert_eq!(health(&self_pay), None);
        let public_alone = Fields::new().text("InsuranceProvider_Class", "").node();
        assert_eq!(health(&public_alone), None);
    }
}
