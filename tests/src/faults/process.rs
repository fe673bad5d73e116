//! Programs as processes of their own, so that they can be killed for good.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::Fault;

/// A child process with its lines; killed when dropped.
pub struct Process {
    name: String,
    child: Child,
    orders: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    /// Starts a program; what it writes to its standard output is read line by line, its errors go to a file.
    pub fn spawn(name: &str, command: &mut Command, errors: &Path) -> Result<Self, Fault> {
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(errors)?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("{name} cannot be started ({command:?}): {e}"))?;
        let orders = child.stdin.take();
        let (sender, lines) = channel();
        if let Some(out) = child.stdout.take() {
            std::thread::Builder::new().name(format!("lines of {name}")).spawn(move || {
                for line in BufReader::new(out).lines() {
                    let Ok(line) = line else { return };
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            })?;
        }
        Ok(Self { name: name.to_owned(), child, orders, lines })
    }

    /// Its number in the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to its standard input. A program that has ended hears nothing, and its end is told by whoever
    /// waits for it.
    pub fn order(&mut self, line: &str) {
        if let Some(orders) = &mut self.orders {
            let _ = writeln!(orders, "{line}").and_then(|()| orders.flush());
        }
    }

    /// Waits for a line that begins so and gives the rest of it; `None` when the program has ended before.
    pub fn wait_line(&mut self, start: &str, limit: Duration) -> Result<Option<String>, Fault> {
        self.wait_any(&[start], limit).map(|found| found.map(|(_, rest)| rest))
    }

    /// Waits for a line that begins in one of these ways; gives which, and the rest.
    pub fn wait_any(
        &mut self,
        starts: &[&str],
        limit: Duration,
    ) -> Result<Option<(usize, String)>, Fault> {
        let end = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let found = starts.iter().enumerate().find_map(|(at, start)| {
                        line.strip_prefix(start).map(|rest| (at, rest.trim().to_owned()))
                    });
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {
                    let wanted = starts.join(" or ");
                    return Err(
                        format!("{} did not say {wanted} within {limit:?}", self.name).into()
                    );
                }
            }
        }
    }

    /// The lines that have come so far, oldest first.
    pub fn heard(&mut self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it as a power cut kills a program: signal 9, at whatever it is doing. Whether it was still running.
    pub fn kill(&mut self) -> bool {
        let ran = self.runs();
        let _ = self.child.kill();
        let _ = self.child.wait();
        ran
    }

    /// Closes its standard input, which asks it to end, and waits; kills it when it does not.
    pub fn finish(mut self, limit: Duration) -> Result<(), Fault> {
        drop(self.orders.take());
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                return Err(format!("{} ended with {status}", self.name).into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        Err(format!("{} did not end within {limit:?}", self.name).into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
