//! The same by files in a folder.

use std::path::{Path, PathBuf};

use clinical::lab::{AtLab, LabOrderState};
use sandbox::lab::{Fate, Stage};

use super::support::{World, until};

const KEYS: [&str; 3] = ["WBC", "AST", "K"];

fn folder(world: &World) -> PathBuf {
    world.dir.path().join("lab")
}

/// Names in a folder, sorted; none where it is not there.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains('.'))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_left_fetched_answered_and_reported() {
    let mut world = World::files().await;
    let order = world.at_the_lab(0, &KEYS, Fate::default()).await;
    assert_eq!(world.lab.control.heard().len(), 1);
    let taken = names(&folder(&world).join("orders/taken"));
    assert_eq!(taken.len(), 1);
    let (stem, ending) = taken[0].split_once('.').unwrap();
    let (moment, seq) = stem.split_once('-').unwrap();
    assert_eq!((moment.len(), seq, ending), (17, "1", "HL7"));
    let standing = world.standing(&order).await;
    assert!(standing.tubes.iter().all(|tube| matches!(tube.lab, AtLab::Accepted { .. })));

    world.lab.control.reach(Stage::Full);
    world.until_state(&order, LabOrderState::Reported).await;
    assert_eq!(world.results(0, &order).await.len(), 3);
    let results = folder(&world).join("results");
    until("the files put away", async || names(&results).is_empty()).await;
    let done = names(&results.join("done"));
    let messages = done.iter().filter(|name| name.contains(".HL7")).count();
    assert!(messages >= 2, "the answer and the results: {done:?}");
    assert_eq!(done.len(), 2 * messages, "each with its flag");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_by_file() {
    let mut world = World::files().await;
    world.lab.control.refuse_next("検体量が不足しています");
    let order = world.sent(0, &["AST"]).await;
    until("the refusal", async || {
        matches!(world.standing(&order).await.tubes[0].lab, AtLab::Refused { .. })
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_laboratory_in_trouble_of_its_own_leaves_the_tubes_with_the_clinic() {
    let mut world = World::files().await;
    world.lab.control.down(true);
    let order = world.sent(0, &["AST"]).await;
    let lab = folder(&world);
    let flags = || names(&lab.join("orders")).iter().filter(|n| n.contains(".FLG")).count();
    until("the order's file", async || flags() == 1).await;
    // The laboratory takes the order away, and cannot look at it.
    for name in names(&lab.join("orders")) {
        std::fs::remove_file(lab.join("orders").join(name)).unwrap();
    }
    let answer = "MSH|^~\\&|LIS|LABCENTER|SOEGAKI|1311234567|20261122180000||ORL^O34^ORL_O34|T1|P|2.5\r\
                  MSA|AR|SGK000000000001\rERR|||207^^HL70357|E||||システム障害\r";
    std::fs::write(lab.join("results/0001.HL7"), answer).unwrap();
    std::fs::write(lab.join("results/0001.FLG"), "").unwrap();
    until("the refusal", async || {
        let lab = world.standing(&order).await.tubes[0].lab.clone();
        matches!(lab, AtLab::Refused { why, .. } if why == "システム障害")
    })
    .await;
    // No file is left by itself again; a person sends the tube once more.
    world.send(&order).await;
    until("the second file", async || flags() == 1).await;
    world.lab.control.down(false);
    world.until_state(&order, LabOrderState::InProgress).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_but_not_put_away_is_known_when_it_is_read_again() {
    let mut world = World::files().await;
    let order = world.at_the_lab(0, &KEYS, Fate::default()).await;
    let results = folder(&world).join("results");
    until("the answer put away", async || names(&results).is_empty()).await;
    // As after a crash between storing and putting away: a file stands where the folder should be.
    std::fs::rename(results.join("done"), results.join("before")).unwrap();
    std::fs::write(results.join("done"), "").unwrap();
    world.lab.control.reach(Stage::Full);
    until("the first results", async || world.rows("lab_results").await > 0).await;
    assert_eq!(world.rows("lab_messages").await, 1, "the first file, and no further");
    let world = world.restart_cloud().await;
    std::fs::remove_file(results.join("done")).unwrap();
    world.until_state(&order, LabOrderState::Reported).await;
    until("the files put away", async || names(&results).is_empty()).await;
    let delivered = world.lab.control.delivered().len();
    assert_eq!(names(&results.join("done")).len(), 2 * delivered, "each with its flag");
    assert_eq!(world.rows("lab_messages").await, i64::try_from(delivered).unwrap());
    assert_eq!(world.rows("lab_results").await, 3, "each result once");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whole_files_are_read_and_strange_ones_are_put_aside() {
    let world = World::files().await;
    let results = folder(&world).join("results");
    let write = |name: &str, text: &str| std::fs::write(results.join(name), text).unwrap();
    write("0001.HL7", "MSH|^~\\&|half");
    write("0002.hl7", "ご案内");
    write("0002.flg", "");
    write("notes.pdf", "%PDF");
    until("the strange file", async || !results.join("0002.hl7").exists()).await;
    let trouble = results.join("trouble");
    until("its flag", async || names(&trouble).len() == 3).await;
    assert_eq!(names(&trouble), ["0002.flg", "0002.hl7", "0002.txt"]);
    let words = std::fs::read_to_string(trouble.join("0002.txt")).unwrap();
    assert!(words.starts_with("電文を読めません"), "{words}");
    // A name that is used again does not cover the first.
    write("0002.hl7", "もう一度");
    write("0002.FLG", "");
    until("the second", async || trouble.join("0002-1.hl7").exists()).await;
    assert_eq!(names(&results), ["0001.HL7", "notes.pdf"], "not whole, and not a message");
    world.stop().await;
}
