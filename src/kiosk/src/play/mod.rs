//! `soegaki demo --play OUT`: the real program in the real window, driven through a written day.
//!
//! The play drives the window only through what a person has ([`hands`]) and sees only what the screen shows
//! ([`screen`]); it waits for what is seen, never for fixed times. [`morning`], [`records`] and `lab` are the script.

pub mod hands;
mod lab;
pub mod morning;
mod outages;
pub mod player;
pub mod records;
pub mod report;
pub mod scene;
pub mod screen;
pub mod stage;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::cli::{DemoArgs, say};
use crate::demo::Demo;
use player::Player;
use report::Outcome;
use stage::{Link, Stage};

/// Folders of what was printed and of what has left.
const PAPERS: [&str; 2] = ["papers", "sent"];

/// Plays the morning and leaves pictures and report in `out`.
pub fn run(demo: Demo, args: &DemoArgs, out: &Path) -> ExitCode {
    let link = Link::default();
    if let Err(e) = prepare(out) {
        eprintln!("{}: {e}", out.display());
        return ExitCode::FAILURE;
    }
    let Demo { mut started, terminal, servers, plug, folder, .. } = demo;
    let outcome = Arc::new(Mutex::new(None));
    let script = std::thread::Builder::new().name("play".to_owned()).spawn({
        let (link, args, out) = (link.clone(), args.clone(), out.to_owned());
        let outcome = Arc::clone(&outcome);
        move || {
            let played = Player::new(link.clone(), &args, &out).play(&servers, &plug);
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(played);
            link.close();
            drop(servers);
        }
    });
    let script = match script {
        Ok(script) => script,
        Err(e) => {
            eprintln!("the play's thread could not start: {e}");
            return ExitCode::FAILURE;
        }
    };
    let window = loop {
        let seen = link.clone();
        let build = move |cc: &eframe::CreationContext<'_>, parts| {
            Stage::new(App::new(cc, parts), &cc.egui_ctx, seen)
        };
        let outcome = started.run(build);
        if outcome.is_err() || !link.is_restarting() {
            break outcome;
        }
        started = match terminal.start() {
            Ok(started) => started,
            Err(e) => break Err(e.into()),
        };
    };
    link.gone();
    let _ = script.join();
    drop(folder);
    if window.is_err() {
        return say(window);
    }
    let played = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    match played {
        Some(Outcome::Fine(_)) => {
            println!("{}: every step showed what it promises", out.join("report.json").display());
            ExitCode::SUCCESS
        }
        Some(Outcome::Failed { failed, why }) => {
            eprintln!("step \"{failed}\": {why}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("the play ended without an outcome");
            ExitCode::FAILURE
        }
    }
}

/// Makes the folder and takes a former play's pictures and report away, so that nothing old passes for new.
fn prepare(out: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(out)?;
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let numbered = name.starts_with(|c: char| c.is_ascii_digit())
            && path.extension().is_some_and(|e| e == "png");
        if numbered || name == "report.json" {
            std::fs::remove_file(path)?;
        } else if PAPERS.contains(&name.as_str()) && path.is_dir() {
            std::fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}
