//! `medicalmodv2` (中途終了データ): an order for the bill, out to the receipt computer.

use clinical::{BillingOrder, OrderError, OrderGroup, OrderItem, PatientNumber};

use super::error::OrcaError;
use super::fields::Fields;
use super::node::{Message, Node};
use super::notes::{Notes, Warning, asked_date, asked_time};
use super::xml;

/// Path under the base address.
pub const PATH: &str = "api21/medicalmodv2";
const REQUEST: &str = "medicalreq";
const GROUPS: &str = "Medical_Information";
/// With a lower-case i here, unlike in the other endpoints.
const ITEMS: &str = "Medication_info";

/// What to do with the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `01`: register.
    Register,
    /// `02`: delete.
    Delete,
    /// `03`: replace.
    Replace,
    /// `04`: append to what is there.
    Append,
}

impl Class {
    /// The class number.
    pub fn code(self) -> &'static str {
        match self {
            Self::Register => "01",
            Self::Delete => "02",
            Self::Replace => "03",
            Self::Append => "04",
        }
    }

    /// The class behind the number.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Register, Self::Delete, Self::Replace, Self::Append]
            .into_iter()
            .find(|class| class.code() == code)
    }

    /// Whether the order must be named by the receipt computer's own identifier.
    fn needs_uid(self) -> bool {
        matches!(self, Self::Delete | Self::Replace)
    }
}

/// Path and query for a request of that class.
pub fn target(class: Class) -> String {
    format!("{PATH}?class={}", class.code())
}

/// An order and what to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Stands in the [`target`], not in the message.
    pub class: Class,
    /// The order.
    pub order: BillingOrder,
    /// `Medical_Uid` from the answer to the registration, for [`Class::Delete`] and [`Class::Replace`].
    pub uid: Option<String>,
}

/// An order read tolerantly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The order; may break the rules of [`BillingOrder::check`].
    pub order: BillingOrder,
    /// `Medical_Uid`.
    pub uid: Option<String>,
    /// What could not be used, what has no place in an order, and which rules are broken.
    pub warnings: Vec<Warning>,
}

/// Writes the message. Whether the receipt computer would take it, [`BillingOrder::check`] says.
pub fn write_request(request: &Request) -> String {
    let order = &request.order;
    let insurance =
        Fields::new().filled("Insurance_Combination_Number", &order.insurance_combination);
    let diagnosis = Fields::new()
        .text("Department_Code", &order.department)
        .text("Physician_Code", &order.physician)
        .record("HealthInsurance_Information", insurance)
        .array(GROUPS, order.groups.iter().map(write_group));
    let fields = Fields::new()
        .text("InOut", "")
        .text("Patient_ID", order.patient.as_str())
        .text("Perform_Date", &order.performed_on.to_string())
        .text("Perform_Time", &order.performed_at.map(super::fields::clock).unwrap_or_default())
        .text("Medical_Uid", request.uid.as_deref().unwrap_or_default())
        .record("Diagnosis_Information", diagnosis);
    xml::write_request(&fields.message(REQUEST))
}

fn write_group(group: &OrderGroup) -> Fields {
    let items = group.items.iter().map(|item| {
        Fields::new()
            .text("Medication_Code", &item.code)
            .text("Medication_Name", &item.name)
            .text("Medication_Number", &item.quantity)
    });
    Fields::new()
        .text("Medical_Class", &group.class)
        .text("Medical_Class_Name", &group.class_name)
        .text("Medical_Class_Number", &group.count.to_string())
        .array(ITEMS, items)
}

/// Reads the message of a request of that class, as the receipt computer does: types, required fields and
/// limits are insisted on. Diseases and the settings of a single drug are no part of an order and left out.
pub fn read_request(class: Class, bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    asked_time(&body, "Perform_Time")?;
    let mut notes = Notes::default();
    let (order, uid) = read_body(&mut notes, &body)?;
    if order.department.is_empty() {
        return Err(OrcaError::bad("Department_Code", "missing"));
    }
    if order.physician.is_empty() {
        return Err(OrcaError::bad("Physician_Code", "missing"));
    }
    if class.needs_uid() && uid.is_none() {
        return Err(OrcaError::bad("Medical_Uid", "missing"));
    }
    // The time is fine, so that only a count can have been noted.
    if let Some(warning) = notes.into_warnings().first() {
        return Err(OrcaError::bad(&warning.place, "not a count"));
    }
    if let Some(error) = order.check().first() {
        let (place, reason) = rule(error);
        return Err(OrcaError::bad(&place, reason));
    }
    Ok(Request { class, order, uid })
}

/// Reads the message as far as it goes, XML and JSON alike. Fails only without a patient or a day.
pub fn read_tolerant(bytes: &[u8]) -> Result<Heard, OrcaError> {
    let body = Message::read(bytes)?.expect(&[REQUEST])?;
    let mut notes = Notes::default();
    let (order, uid) = read_body(&mut notes, &body)?;
    if let Some(diagnosis) = body.get("Diagnosis_Information") {
        left_out(&mut notes, diagnosis);
    }
    if !matches!(body.text("InOut"), "" | "O") {
        notes.warn("InOut", "inpatient; read as an outpatient's");
    }
    for error in order.check() {
        let (place, reason) = rule(&error);
        notes.warn(&place, reason);
    }
    Ok(Heard { order, uid, warnings: notes.into_warnings() })
}

fn read_body(notes: &mut Notes, body: &Node) -> Result<(BillingOrder, Option<String>), OrcaError> {
    let patient = PatientNumber::parse(body.text("Patient_ID"))
        .map_err(|_| OrcaError::bad("Patient_ID", "no patient number"))?;
    let performed_on = asked_date(body, "Perform_Date")?
        .ok_or_else(|| OrcaError::bad("Perform_Date", "missing"))?;
    let diagnosis = body
        .get("Diagnosis_Information")
        .ok_or_else(|| OrcaError::bad("Diagnosis_Information", "missing"))?;
    let groups = notes.within("Diagnosis_Information", |notes| {
        notes.rows(diagnosis, GROUPS, |notes, row| Some(read_group(notes, row)))
    });
    let order = BillingOrder {
        patient,
        performed_on,
        performed_at: notes.time(body, "Perform_Time"),
        department: diagnosis.text("Department_Code").to_owned(),
        physician: diagnosis.text("Physician_Code").to_owned(),
        insurance_combination: diagnosis
            .get("HealthInsurance_Information")
            .and_then(|node| node.filled("Insurance_Combination_Number"))
            .unwrap_or_default(),
        groups,
    };
    Ok((order, body.filled("Medical_Uid")))
}

fn read_group(notes: &mut Notes, row: &Node) -> OrderGroup {
    let count = row.text("Medical_Class_Number").parse().unwrap_or_else(|_| {
        notes.warn("Medical_Class_Number", "not a count; read as 1");
        1
    });
    OrderGroup {
        class: row.text("Medical_Class").to_owned(),
        class_name: row.text("Medical_Class_Name").to_owned(),
        count,
        items: row.rows(ITEMS).map(read_item).collect(),
    }
}

fn read_item(row: &Node) -> OrderItem {
    OrderItem {
        code: row.text("Medication_Code").to_owned(),
        name: row.text("Medication_Name").to_owned(),
        quantity: row.text("Medication_Number").to_owned(),
    }
}

/// Notes what the message says and an order does not.
fn left_out(notes: &mut Notes, diagnosis: &Node) {
    notes.within("Diagnosis_Information", |notes| {
        if diagnosis.rows("Disease_Information").next().is_some() {
            notes.warn("Disease_Information", "no part of an order; left out");
        }
        notes.rows(diagnosis, GROUPS, |notes, group| {
            if group.rows("Medication_Info").next().is_some() {
                notes.warn("Medication_Info", "not the name of this field (Medication_info)");
            }
            notes.rows(group, ITEMS, |notes, item| {
                let fields =
                    ["Medication_Generic_Flg", "Medication_Continue", "Medication_Internal_Kinds"];
                for name in fields.into_iter().filter(|name| !item.text(name).is_empty()) {
                    notes.warn(name, "no part of an order; left out");
                }
                None::<()>
            });
            None::<()>
        });
    });
}

/// Place and reason of a broken rule.
fn rule(error: &OrderError) -> (String, &'static str) {
    let at = |group: usize| format!("Diagnosis_Information/{GROUPS}[{group}]");
    match *error {
        OrderError::TooManyGroups => {
            (format!("Diagnosis_Information/{GROUPS}"), "more than 40 rows")
        }
        OrderError::TooManyItems { group } => {
            (format!("{}/{ITEMS}", at(group)), "more than 40 rows")
        }
        OrderError::Class { group } => (format!("{}/Medical_Class", at(group)), "not three digits"),
        OrderError::Code { group, item } => {
            (format!("{}/{ITEMS}[{item}]/Medication_Code", at(group)), "not nine digits")
        }
    }
}

#[cfg(test)]
#[path = "medicalmodv2_tests.rs"]
mod tests;
