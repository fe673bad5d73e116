//! The way of files: the same rules, and a file counts only with its flag.

use std::path::{Path, PathBuf};
use std::time::Duration;

use exchange::hl7v2::{AnswerMessage, Incoming, Verdict, read};

use crate::common::{bytes, potassium, start};

/// Whole files of the folder that are not in `known`, the earliest first; their flags are there.
async fn new_files(folder: &Path, known: &[PathBuf], count: usize) -> Vec<PathBuf> {
    for _ in 0..6000 {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "HL7"))
            .filter(|path| path.with_extension("FLG").exists() && !known.contains(path))
            .collect();
        if files.len() >= count {
            files.sort();
            return files;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{count} files did not come into {}", folder.display());
}

async fn gone(file: &Path) {
    for _ in 0..6000 {
        if !file.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} stays", file.display());
}

#[tokio::test]
async fn an_order_is_taken_once_its_flag_is_there_and_results_come_as_files() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, client) = start(Some(folder.path().to_owned())).await;
    let (orders, results) = (folder.path().join("orders"), folder.path().join("results"));
    let flagless = orders.join("20261124150000000-1.HL7");
    std::fs::write(&flagless, bytes(&potassium("S1"))).unwrap();
    let broken = orders.join("20261124150000000-0.hl7");
    std::fs::write(&broken, b"MSH|nonsense").unwrap();
    std::fs::write(broken.with_extension("flg"), b"").unwrap();
    gone(&broken).await;
    assert!(orders.join("taken").join(broken.file_name().unwrap()).exists());
    let words = std::fs::read_to_string(broken.with_extension("txt")).unwrap();
    assert!(words.contains("MSH-"), "{words}");
    assert!(flagless.exists(), "without its flag it may be half a file");
    assert_eq!(lab.control.heard(), []);

    std::fs::write(flagless.with_extension("FLG"), b"").unwrap();
    let answered = new_files(&results, &[], 1).await;
    let answer = AnswerMessage::read(&std::fs::read(&answered[0]).unwrap()).unwrap().value;
    assert_eq!((answer.verdict, answer.to.as_str()), (Verdict::Accepted, "S1"));
    gone(&flagless).await;
    assert!(!flagless.with_extension("FLG").exists());

    lab.control.finish_now();
    let told = new_files(&results, &answered, 1).await;
    let heard = read(&std::fs::read(&told[0]).unwrap()).unwrap().value;
    let Incoming::Results(message) = heard else { panic!("{heard:?}") };
    assert_eq!(message.reports[0].specimen, potassium("S1").specimens[0].number);
    assert_eq!(client.fetch().await, None, "what came by folder goes by folder");
    lab.stop().await;
}
