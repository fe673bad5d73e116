//! The answer of patientlst2v2 and patientlst3v2: basics of several patients.
//!
//! It holds less than patientgetv2, and so must we: no safety remarks, no dates of visits, and insurances as
//! such instead of combinations. A cloud that took this for the whole patient would show nobody's allergies.

use clinical::{HealthInsurance, Patient, PublicExpense, Sex};
use exchange::orca::{Fields, xml2};
use jiff::civil::Date;

use crate::receipt::books::Books;

const MOST_HEALTH: usize = 3;
const MOST_PUBLIC: usize = 4;

/// Writes the patients, and the numbers that the register does not have.
pub(super) fn write(books: &Books, patients: &[Patient], unknown: &[String]) -> String {
    let now = books.clock.now();
    let strangers = unknown.iter().map(|number| {
        Fields::new().text("Patient_ID", number).text("WholeName", "患者番号がありません")
    });
    let rows = patients.iter().map(|patient| row(patient, now.date())).chain(strangers);
    let message = Fields::new()
        .date("Information_Date", Some(now.date()))
        .time("Information_Time", Some(now.time()))
        .text("Api_Result", "00")
        .text("Api_Result_Message", "処理終了")
        .text("Reskey", "Patient Info")
        .text("Target_Patient_Count", &format!("{:03}", patients.len()))
        .text("No_Target_Patient_Count", &format!("{:03}", unknown.len()))
        .array("Patient_Information", rows)
        .message("patientlst2res");
    xml2::write_reply(&message)
}

fn row(patient: &Patient, today: Date) -> Fields {
    let phone = |at: usize| patient.phones.get(at).map_or("", String::as_str);
    let home = Fields::new()
        .filled("Address_ZipCode", &patient.address.postal_code)
        .filled("WholeAddress1", &patient.address.line1)
        .filled("WholeAddress2", &patient.address.line2)
        .filled("PhoneNumber1", phone(0))
        .filled("PhoneNumber2", phone(1));
    let sex = match patient.sex {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::Unknown => "",
    };
    Fields::new()
        .text("Patient_ID", patient.number.as_str())
        .text("WholeName", &patient.name.kanji)
        .filled("WholeName_inKana", &patient.name.kana)
        .date("BirthDate", patient.birth_date)
        .filled("Sex", sex)
        .record("Home_Address_Information", home)
        .text("Outpatient_Class", "2")
        .array("HealthInsurance_Information", healths(patient, today))
        .array("PublicInsurance_Information", publics(patient))
}

/// Each insurance once, those valid today first.
fn healths(patient: &Patient, today: Date) -> Vec<Fields> {
    let mut combinations: Vec<_> = patient.insurance.iter().collect();
    combinations.sort_by_key(|combination| !combination.covers(today));
    let mut seen: Vec<&HealthInsurance> = Vec::new();
    let mut rows = Vec::new();
    for combination in combinations {
        let Some(health) = combination.health.as_ref().filter(|one| !seen.contains(one)) else {
            continue;
        };
        seen.push(health);
        let relation = health.insured_self.map_or("", |own| if own { "1" } else { "2" });
        rows.push(
            Fields::new()
                .filled("InsuranceProvider_Class", &health.class)
                .filled("InsuranceProvider_WholeName", &health.name)
                .filled("InsuranceProvider_Number", &health.insurer_number)
                .filled("HealthInsuredPerson_Symbol", &health.symbol)
                .filled("HealthInsuredPerson_Number", &health.number)
                .filled("HealthInsuredPerson_Branch_Number", &health.branch)
                .filled("RelationToInsuredPerson", relation)
                .date("Certificate_StartDate", combination.valid_from)
                .last_day("Certificate_ExpiredDate", combination.valid_to),
        );
    }
    rows.truncate(MOST_HEALTH);
    rows
}

fn publics(patient: &Patient) -> Vec<Fields> {
    let mut seen: Vec<&PublicExpense> = Vec::new();
    for public in patient.insurance.iter().flat_map(|combination| &combination.public) {
        if !seen.contains(&public) && seen.len() < MOST_PUBLIC {
            seen.push(public);
        }
    }
    let row = |public: &PublicExpense| {
        Fields::new()
            .filled("PublicInsurance_Class", &public.class)
            .filled("PublicInsurance_Name", &public.name)
            .filled("PublicInsurer_Number", &public.payer_number)
            .filled("PublicInsuredPerson_Number", &public.recipient_number)
            .date("Certificate_IssuedDate", public.valid_from)
            .last_day("Certificate_ExpiredDate", public.valid_to)
    };
    seen.into_iter().map(row).collect()
}
