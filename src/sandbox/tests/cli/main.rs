//! The program as a person or a script uses it.

mod hl7;
mod serve;

use std::path::Path;
use std::process::{Command, Output};

fn sandbox() -> Command {
    Command::new(env!("CARGO_BIN_EXE_soegaki-sandbox"))
}

fn emit(kind: &str, seed: &str, count: &str, out: &Path) -> Output {
    let args = ["emit", "--kind", kind, "--seed", seed, "--count", count, "--out"];
    sandbox().args(args).arg(out).output().expect("the program runs")
}

fn read(kind: &str, files: &[&Path]) -> Output {
    sandbox().args(["read", "--kind", kind]).args(files).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn what_is_emitted_is_read_back() {
    for (kind, count) in [("orca-patient", 200), ("orca-reception", 14), ("orca-order", 50)] {
        let folder = tempfile::tempdir().unwrap();
        let output = emit(kind, "7", &count.to_string(), folder.path());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let mut filled = 0;
        for number in 1..=count {
            let message = folder.path().join(format!("{kind}-{number:04}.xml"));
            let output = read(kind, &[&message]);
            assert!(output.status.success(), "{}", text(&output.stderr));
            assert!(kind != "orca-order" || output.stderr.is_empty(), "{}", text(&output.stderr));
            let expected = std::fs::read_to_string(message.with_extension("json")).unwrap();
            assert_eq!(text(&output.stdout), expected, "{}", message.display());
            filled += usize::from(json(&expected) != json("[]"));
        }
        assert!(filled > count / 2, "{kind}: only {filled} of {count} say anything");
        assert!(!folder.path().join(format!("{kind}-{:04}.xml", count + 1)).exists());
    }
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    for (folder, seed) in folders.iter().zip(["3", "3", "4"]) {
        assert!(emit("orca-patient", seed, "12", folder.path()).status.success());
    }
    let all = |folder: &tempfile::TempDir| {
        (1..=12)
            .map(|n| std::fs::read(folder.path().join(format!("orca-patient-{n:04}.xml"))).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(all(&folders[0]), all(&folders[1]));
    assert_ne!(all(&folders[0]), all(&folders[2]));
}

#[test]
fn a_broken_file_is_named_with_place_and_reason_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    assert!(emit("orca-patient", "1", "2", folder.path()).status.success());
    let good = folder.path().join("orca-patient-0002.xml");
    let broken = folder.path().join("orca-patient-0001.xml");
    let message = std::fs::read_to_string(&broken).unwrap();
    std::fs::write(&broken, message.replacen("</Sex>", "</Six>", 1)).unwrap();
    let line = message.lines().position(|line| line.contains("</Sex>")).unwrap() + 1;

    let output = read("orca-patient", &[&broken, &good]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.starts_with(&format!("{}: line {line}, column ", broken.display())), "{said}");
    assert!(said.contains("start and end tags do not match"), "{said}");
    let expected = std::fs::read_to_string(good.with_extension("json")).unwrap();
    assert_eq!(text(&output.stdout), expected, "the good one is read all the same");
}

#[test]
fn every_other_failure_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let expect = |kind: &str, name: &str, content: Option<&[u8]>, words: &str| {
        let file = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let output = read(kind, &[&file]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let said = text(&output.stderr);
        assert!(said.contains(name) && said.contains(words), "{name}: {said}");
        assert!(output.stdout.is_empty(), "{name}");
    };
    expect("orca-patient", "missing.xml", None, "cannot be read");
    expect("orca-patient", "empty.xml", Some(b" \n"), "empty body");
    expect("orca-patient", "page.xml", Some(b"<html></html>"), "an HTML page");
    expect("orca-patient", "sjis.xml", Some(b"<xmlio2>\x95\x57"), "byte 8: not UTF-8");
    let list = b"<xmlio2><acceptlstres><Api_Result>00</Api_Result></acceptlstres></xmlio2>";
    expect("orca-patient", "other.xml", Some(list), "patientinfores expected");
    let nobody = b"<xmlio2><patientinfores><Api_Result>00</Api_Result></patientinfores></xmlio2>";
    expect("orca-patient", "nobody.xml", Some(nobody), "Patient_Information: missing");
    let nobody = b"<data><medicalreq><Patient_ID> </Patient_ID></medicalreq></data>";
    expect("orca-order", "order.xml", Some(nobody), "Patient_ID: no patient number");
    expect("orca-order", "list.xml", Some(list), "medicalreq expected, found acceptlstres");
}

#[test]
fn a_broken_order_is_named_and_a_doubtful_one_is_read_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let output = emit("orca-order", "2", "2", folder.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let [broken, doubtful] =
        ["0001", "0002"].map(|n| folder.path().join(format!("orca-order-{n}.xml")));
    let message = std::fs::read_to_string(&broken).unwrap();
    std::fs::write(&broken, message.replacen("</Medication_Code>", "</Code>", 1)).unwrap();
    let message = std::fs::read_to_string(&doubtful).unwrap();
    let class = message.replacen("<Medical_Class type=\"string\">1", "<Medical_Class>", 1);
    assert_ne!(class, message);
    std::fs::write(&doubtful, class).unwrap();

    let output = read("orca-order", &[&broken, &doubtful]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.starts_with(&format!("{}: line ", broken.display())), "{said}");
    assert!(said.contains("Medical_Information[1]/Medical_Class: not three digits"), "{said}");
    assert_eq!(json(&text(&output.stdout))["groups"][0]["class"].as_str().map(str::len), Some(2));
}

#[test]
fn warnings_do_not_stop_and_do_not_mix_with_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warns.xml");
    let message = "<xmlio2><patientinfores><Api_Result>00</Api_Result><Patient_Information>\
        <Patient_ID>00127</Patient_ID><WholeName>標準　花子</WholeName>\
        <BirthDate>1962-02-30</BirthDate></Patient_Information></patientinfores></xmlio2>";
    std::fs::write(&file, message).unwrap();
    let output = read("orca-patient", &[&file]);
    assert!(output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("warning: Patient_Information/BirthDate: an impossible date"), "{said}");
    let value = json(&text(&output.stdout));
    assert_eq!((&value["number"], &value["birth_date"]), (&"00127".into(), &json("null")));

    let nobody = "<xmlio2><patientinfores><Api_Result>10</Api_Result></patientinfores></xmlio2>";
    std::fs::write(&file, nobody).unwrap();
    let output = read("orca-patient", &[&file]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("Api_Result: 10 (nothing found)"));
    assert_eq!(text(&output.stdout), "null\n");
}

#[test]
fn an_unknown_kind_lists_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let output = emit("orca-ordre", "1", "1", folder.path());
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("orca-patient") && said.contains("orca-reception"), "{said}");
    assert!(said.contains("orca-order"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let output = emit("orca-patient", "1", "1", &file.join("out"));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot be written"));
}
