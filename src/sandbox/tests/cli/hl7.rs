//! HL7: what is emitted is read back by us, and found right by a judge that is not ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{json, read, sandbox, text};

const KINDS: [&str; 2] = ["hl7-order", "hl7-result"];

fn emit(kind: &str, charset: &str, count: usize, out: &Path) -> Output {
    let count = count.to_string();
    let args = ["emit", "--kind", kind, "--seed", "7", "--charset", charset, "--count", &count];
    let output = sandbox().args(args).arg("--out").arg(out).output().expect("the program runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

#[test]
fn what_is_emitted_is_read_back_in_both_character_sets() {
    for kind in KINDS {
        for charset in ["utf8", "jis"] {
            let folder = tempfile::tempdir().unwrap();
            emit(kind, charset, 40, folder.path());
            for number in 1..=40 {
                let message = folder.path().join(format!("{kind}-{number:04}.hl7"));
                let output = read(kind, &[&message]);
                assert!(output.status.success(), "{}", text(&output.stderr));
                assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
                let expected = std::fs::read_to_string(message.with_extension("json")).unwrap();
                assert_eq!(text(&output.stdout), expected, "{}", message.display());
                assert_eq!(json(&expected)["head"]["charset"], charset);
            }
        }
    }
}

#[test]
fn results_show_every_fate() {
    let folder = tempfile::tempdir().unwrap();
    emit("hl7-result", "utf8", 40, folder.path());
    let all: String = (1..=40)
        .map(|n| std::fs::read_to_string(folder.path().join(format!("hl7-result-{n:04}.json"))))
        .map(Result::unwrap)
        .collect();
    for word in [
        "by_specimen",
        "by_order",
        "preliminary",
        "corrected",
        "cancelled",
        "panic_high",
        "low",
        "軽度溶血",
        "\"<",
        "(-)",
    ] {
        assert!(all.contains(word), "{word}");
    }
}

/// The judge's Python, installed by `packaging/checkers.sh`.
fn checker() -> (PathBuf, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let python = target.join("checkers/venv/bin/python");
    assert!(
        python.exists(),
        "{}: missing; packaging/checkers.sh installs hl7apy there",
        python.display()
    );
    (python, root.join("packaging/check_hl7.py"))
}

fn judge(folders: &[&Path]) -> Output {
    let (python, script) = checker();
    Command::new(python).arg(script).args(folders).output().expect("the judge runs")
}

#[test]
fn a_judge_that_is_not_ours_finds_them_right() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (folder, charset) in folders.iter().zip(["utf8", "jis"]) {
        for kind in KINDS {
            emit(kind, charset, 15, folder.path());
        }
    }
    let output = judge(&[folders[0].path(), folders[1].path()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let expected = [
        "OML iso2022_jp: 15",
        "OML utf-8: 15",
        "ORU iso2022_jp: 5",
        "ORU utf-8: 5",
        "OUL iso2022_jp: 10",
        "OUL utf-8: 10",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_judge_finds_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    emit("hl7-result", "utf8", 1, folder.path());
    let file = folder.path().join("hl7-result-0001.hl7");
    let right = std::fs::read_to_string(&file).unwrap();
    let first = right.split('\r').find(|line| line.starts_with("SPM")).unwrap();
    let other_digit = first.replacen("26040600", "26040601", 1);
    for (from, to, words) in [
        ("UNICODE UTF-8", "UTF-8", "MSH-18"),
        ("OUL_R22", "ORU_R01", "hl7-result-0001"),
        ("OUL^R22^OUL_R22", "OUL^R22", "MSH-9"),
        (first, &*other_digit, "no specimen number"),
        ("|F||", "|F&x||", "hl7-result-0001"),
        ("\rPV1", "\nPV1", "CR"),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right, "{from}");
        std::fs::write(&file, wrong).unwrap();
        let output = judge(&[folder.path()]);
        assert_eq!(output.status.code(), Some(1), "{from} -> {to}");
        assert!(text(&output.stderr).contains(words), "{from}: {}", text(&output.stderr));
    }
    emit("hl7-order", "utf8", 1, folder.path());
    std::fs::write(&file, &right).unwrap();
    assert!(judge(&[folder.path()]).status.success());
    let file = folder.path().join("hl7-order-0001.hl7");
    let right = std::fs::read_to_string(&file).unwrap();
    for (from, to, words) in [
        ("|||||||||1|", "|||||||||one|", "hl7-order-0001"),
        ("\rOBR|", "\rNTE|", "hl7-order-0001"),
        ("\rSAC|||", "\rSAC|||9", "SAC-3"),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right, "{from}");
        std::fs::write(&file, wrong).unwrap();
        let output = judge(&[folder.path()]);
        assert_eq!(output.status.code(), Some(1), "{from} -> {to}");
        assert!(text(&output.stderr).contains(words), "{from}: {}", text(&output.stderr));
    }
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(judge(&[empty.path()]).status.code(), Some(1), "nothing is not right either");
}

#[test]
fn a_broken_file_is_named_with_place_and_reason_and_a_doubtful_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    emit("hl7-result", "utf8", 2, folder.path());
    let [broken, doubtful] =
        ["0001", "0002"].map(|n| folder.path().join(format!("hl7-result-{n}.hl7")));
    let message = std::fs::read_to_string(&broken).unwrap();
    let code = message.split('\r').find(|line| line.starts_with("OBX")).unwrap();
    let code = code.split('|').nth(3).unwrap();
    let cut = message.replace(&format!("|{code}|"), "||");
    std::fs::write(&broken, cut).unwrap();
    let message = std::fs::read_to_string(&doubtful).unwrap();
    std::fs::write(&doubtful, message + "ZZZ|1\r").unwrap();

    let output = read("hl7-result", &[&broken, &doubtful]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], format!("{}: OBX-3: no test is named", broken.display()));
    let expected =
        format!("{}: warning: ZZZ: unknown segment; kept as written", doubtful.display());
    assert_eq!(lines[1], expected);
    let output = read("hl7-order", &[&doubtful]);
    assert_eq!(output.status.code(), Some(1), "another kind");
    assert!(text(&output.stderr).contains("MSH-9: OML^O33 expected"), "{}", text(&output.stderr));
}
