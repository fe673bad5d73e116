//! The patient record that `patientgetv2` answers with; the lists answer with parts of it.

use clinical::{Address, Patient, PatientNumber, SafetyKind, SafetyRemark};

use super::fields::Fields;
use super::node::Node;
use super::notes::Notes;
use super::{insurance, person};

/// Free-text fields that make a safety remark; each kind has two.
const REMARKS: [(SafetyKind, [&str; 2]); 4] = [
    (SafetyKind::Contraindication, ["Contraindication1", "Contraindication2"]),
    (SafetyKind::Allergy, ["Allergy1", "Allergy2"]),
    (SafetyKind::Infection, ["Infection1", "Infection2"]),
    (SafetyKind::Comment, ["Comment1", "Comment2"]),
];

/// Reads a patient; `None`, with a note, if the number cannot be one.
pub(crate) fn read(notes: &mut Notes, node: &Node) -> Option<Patient> {
    let number = person::number(node, notes)?;
    let home = node.get("Home_Address_Information");
    let home_text = |name: &str| home.map_or("", |home| home.text(name)).to_owned();
    Some(Patient {
        number,
        name: person::name(node),
        birth_date: notes.birth_date(node, "BirthDate"),
        sex: person::sex(node.text("Sex")),
        householder: node.text("HouseHolder_WholeName").to_owned(),
        address: Address {
            postal_code: postal_code(&home_text("Address_ZipCode")),
            line1: home_text("WholeAddress1"),
            line2: home_text("WholeAddress2"),
        },
        phones: phones(node),
        insurance: insurance::shown(notes, node),
        safety: safety(node),
        first_visit: notes.date(node, "FirstVisit_Date"),
        last_visit: notes.date(node, "LastVisit_Date"),
        test_patient: node.text("TestPatient_Flag") == "1",
        deceased: node.text("Death_Flag") == "1",
    })
}

/// Seven digits if it is seven digits, however written.
fn postal_code(text: &str) -> String {
    let digits: String = text.chars().filter_map(plain_digit).collect();
    if digits.len() == 7 { digits } else { text.to_owned() }
}

/// A digit of either width as ASCII.
fn plain_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    }
}

/// Home first, then mobile, then the contact; no number twice.
fn phones(node: &Node) -> Vec<String> {
    let inner = |record: &str, name: &str| node.get(record).and_then(|r| r.filled(name));
    let candidates = [
        inner("Home_Address_Information", "PhoneNumber1"),
        inner("Home_Address_Information", "PhoneNumber2"),
        node.filled("CellularNumber"),
        inner("Contact_Information", "PhoneNumber1"),
        inner("Contact_Information", "PhoneNumber2"),
    ];
    let mut phones: Vec<String> = Vec::new();
    for phone in candidates.into_iter().flatten() {
        if !phones.contains(&phone) {
            phones.push(phone);
        }
    }
    phones
}

fn safety(node: &Node) -> Vec<SafetyRemark> {
    let written = REMARKS.into_iter().flat_map(|(kind, names)| {
        names.into_iter().filter_map(move |name| {
            Some(SafetyRemark { kind, text: node.filled(name)?, drug_code: None })
        })
    });
    let drugs = node
        .get("Patient_Contra_Information")
        .into_iter()
        .flat_map(|info| info.rows("Patient_Contra_Info"))
        .filter_map(|row| {
            let code = row.filled("Medication_Code");
            let text = row.filled("Medication_Name").or_else(|| code.clone())?;
            Some(SafetyRemark { kind: SafetyKind::Contraindication, text, drug_code: code })
        });
    drugs.chain(written).collect()
}

/// The patient as fields. A third remark of one kind joins the second, since there is no third place;
/// a phone number after the fifth has none at all.
pub(crate) fn write(patient: &Patient) -> Fields {
    let phone = |at| phone(patient, at);
    let contact = Fields::new().filled("PhoneNumber1", phone(3)).filled("PhoneNumber2", phone(4));
    let mut fields = write_brief(patient)
        .filled("HouseHolder_WholeName", &patient.householder)
        .record("Home_Address_Information", write_home(patient))
        .record("Contact_Information", contact)
        .filled("CellularNumber", phone(2));
    for (kind, names) in REMARKS {
        fields = write_remarks(fields, patient, kind, names);
    }
    let drugs = patient.safety.iter().filter(|r| in_drug_list(r)).map(|remark| {
        Fields::new()
            .text("Medication_Code", remark.drug_code.as_deref().unwrap_or_default())
            .text("Medication_Name", &remark.text)
            .last_day("Medication_EndDate", None)
    });
    fields
        .text("TestPatient_Flag", if patient.test_patient { "1" } else { "0" })
        .filled("Death_Flag", if patient.deceased { "1" } else { "" })
        .date("FirstVisit_Date", patient.first_visit)
        .date("LastVisit_Date", patient.last_visit)
        .array(
            "HealthInsurance_Information",
            patient.insurance.iter().map(insurance::write_combination),
        )
        .record("Patient_Contra_Information", Fields::new().array("Patient_Contra_Info", drugs))
}

fn in_drug_list(remark: &SafetyRemark) -> bool {
    remark.kind == SafetyKind::Contraindication && remark.drug_code.is_some()
}

fn phone(patient: &Patient, at: usize) -> &str {
    patient.phones.get(at).map_or("", String::as_str)
}

/// The home's address and its two phone numbers.
pub(crate) fn write_home(patient: &Patient) -> Fields {
    Fields::new()
        .filled("Address_ZipCode", &patient.address.postal_code)
        .filled("WholeAddress1", &patient.address.line1)
        .filled("WholeAddress2", &patient.address.line2)
        .filled("PhoneNumber1", phone(patient, 0))
        .filled("PhoneNumber2", phone(patient, 1))
}

/// Number, name, birth date and sex.
pub(crate) fn write_brief(patient: &Patient) -> Fields {
    Fields::new()
        .text("Patient_ID", PatientNumber::as_str(&patient.number))
        .text("WholeName", &patient.name.kanji)
        .filled("WholeName_inKana", &patient.name.kana)
        .date("BirthDate", patient.birth_date)
        .filled("Sex", person::sex_code(patient.sex))
}

fn write_remarks(fields: Fields, patient: &Patient, kind: SafetyKind, names: [&str; 2]) -> Fields {
    let texts: Vec<&str> = patient
        .safety
        .iter()
        .filter(|remark| remark.kind == kind && !in_drug_list(remark))
        .map(|remark| remark.text.as_str())
        .collect();
    match texts.split_first() {
        None => fields,
        Some((first, rest)) => fields.filled(names[0], first).filled(names[1], &rest.join("、")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_lose_hyphen_and_width() {
        assert_eq!(postal_code("690-0051"), "6900051");
        assert_eq!(postal_code("６９００００１"), "6900001");
        assert_eq!(postal_code("不明"), "不明", "what is no postal code is kept as written");
    }

    #[test]
    fn a_phone_given_twice_is_one() {
        let home = Fields::new().text("PhoneNumber1", "03-0000-0001").text("PhoneNumber2", "　");
        let node = Fields::new()
            .record("Home_Address_Information", home)
            .text("CellularNumber", "03-0000-0001")
            .record("Contact_Information", Fields::new().text("PhoneNumber1", "090-0000-0002"))
            .node();
        assert_eq!(phones(&node), ["03-0000-0001", "090-0000-0002"]);
    }

    #[test]
    fn a_forbidden_drug_without_a_name_shows_its_code() {
        let row = Fields::new().text("Medication_Code", "610000000");
        let node = Fields::new()
            .record("Patient_Contra_Information", Fields::new().array("Patient_Contra_Info", [row]))
            .text("Contraindication1", "　")
            .text("Comment2", "耳が遠い")
            .node();
        let remarks = safety(&node);
        assert_eq!(remarks.len(), 2);
        assert_eq!(
            (remarks[0].text.as_str(), remarks[0].kind),
            ("610000000", SafetyKind::Contraindication)
        );
        assert_eq!(remarks[1].kind, SafetyKind::Comment);
    }
}
