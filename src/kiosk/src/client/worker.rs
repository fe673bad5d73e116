//! The worker's one loop: requests in, tasks out, one session at a time.

use std::sync::Arc;
use std::time::Duration;

use api::ErrorCode;
use api::receptions::StateChange;
use api::session::{SignIn, SignedIn};
use clinical::{PatientNumber, ReceptionKey};
use jiff::civil::Date;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use zeroize::Zeroizing;

use super::Settings;
use super::call::{Caller, Cloud};
use super::follow::{Follower, Revisions};
use super::lamp::Lamp;
use super::message::{Failure, FailureKind, Request, Ticket, Update};
use super::port::{Epoch, Port};

/// For the last bytes of the connections.
const GOODBYE: Duration = Duration::from_millis(50);

/// What the tasks tell the loop.
enum Signal {
    SignedIn(u64, Box<Result<SignedIn, Failure>>),
    Expired(Epoch, Failure),
}

struct Session {
    epoch: Epoch,
    caller: Caller,
    revisions: Revisions,
    /// Dropped with the session, which ends them.
    reads: JoinSet<()>,
    search: Option<AbortHandle>,
    follower: AbortHandle,
    clocks: AbortHandle,
    changes: UnboundedSender<(ReceptionKey, StateChange)>,
    writer: JoinHandle<()>,
}

struct Desk {
    settings: Settings,
    cloud: Cloud,
    port: Port,
    lamp: Lamp,
    retry: Arc<Notify>,
    signals: UnboundedSender<Signal>,
    session: Option<Session>,
    /// Counts the tries to sign in; an older one's answer is no longer wanted.
    tries: u64,
    looker: Option<AbortHandle>,
    farewells: JoinSet<()>,
}

/// Runs until the window is gone.
pub(super) async fn run(settings: Settings, port: Port, mut inbox: UnboundedReceiver<Request>) {
    let lamp = Lamp::new(port.clone(), Arc::clone(&settings.clock));
    let cloud = match Cloud::new(&settings) {
        Ok(cloud) => cloud,
        Err(failure) => {
            lamp.down(failure.clone());
            while let Some(request) = inbox.recv().await {
                refuse(&port, request, &failure);
            }
            return;
        }
    };
    let (signals, mut heard) = unbounded_channel();
    let farewell = settings.limits.farewell;
    let mut desk = Desk {
        settings,
        cloud,
        port,
        lamp,
        retry: Arc::new(Notify::new()),
        signals,
        session: None,
        tries: 0,
        looker: None,
        farewells: JoinSet::new(),
    };
    desk.look();
    loop {
        tokio::select! {
            request = inbox.recv() => match request {
                Some(request) => desk.handle(request),
                None => break,
            },
            Some(signal) = heard.recv() => desk.hear(signal),
            Some(_) = desk.farewells.join_next() => {}
        }
    }
    desk.leave(None);
    // Past this the cloud's own limits end the session.
    let _ = tokio::time::timeout(farewell, async {
        while desk.farewells.join_next().await.is_some() {}
    })
    .await;
    // Connections end with TLS's own goodbye when nobody holds them any more and they get a moment.
    if let Some(looker) = desk.looker.take() {
        looker.abort();
    }
    drop(desk);
    tokio::time::sleep(GOODBYE).await;
}

/// Answers a request that cannot be carried out.
fn refuse(port: &Port, request: Request, failure: &Failure) {
    let failure = failure.clone();
    match request {
        Request::SignIn { .. } => port.tell(Update::SignInFailed(failure)),
        Request::OpenPatient { ticket, number } => {
            port.tell(Update::PatientFailed { ticket, number, failure });
        }
        Request::Search { ticket, .. } => port.tell(Update::SearchFailed { ticket, failure }),
        Request::ChangeState { key, change } => port.tell(Update::StateChangeFailed {
            change_id: change.change_id,
            key,
            failure,
            current: None,
        }),
        Request::SignOut | Request::FollowDay(_) | Request::Reconnect => {}
    }
}

impl Desk {
    fn handle(&mut self, request: Request) {
        match (request, &mut self.session) {
            (Request::Reconnect, _) => self.retry.notify_waiters(),
            (Request::SignIn { login, password }, _) => self.sign_in(login, &password),
            (Request::SignOut, Some(_)) => self.leave(Some(Update::SignedOut(None))),
            // A sign-in still under way is no longer wanted.
            (Request::SignOut, None) => self.tries += 1,
            (Request::FollowDay(date), Some(_)) => self.follow(date),
            (Request::OpenPatient { ticket, number }, Some(session)) => {
                let signals = self.signals.clone();
                session.open_patient(&self.port, signals, ticket, number);
            }
            (Request::Search { ticket, text }, Some(session)) => {
                let signals = self.signals.clone();
                session.search(&self.port, signals, ticket, text);
            }
            (Request::ChangeState { key, change }, Some(session)) => {
                // The writer lives as long as the session.
                let _ = session.changes.send((key, change));
            }
            (request, None) => {
                let code = ErrorCode::SessionExpired;
                let kind = FailureKind::Refused { code, retry_after_seconds: None };
                refuse(&self.port, request, &Failure::new(kind, "not signed in"));
            }
        }
    }

    fn hear(&mut self, signal: Signal) {
        match signal {
            Signal::SignedIn(number, outcome) if number == self.tries => match *outcome {
                Ok(signed_in) => self.begin(signed_in),
                Err(failure) => {
                    if failure.is_of_the_line() || failure.kind == FailureKind::Untrusted {
                        self.lamp.down(failure.clone());
                    }
                    self.port.tell(Update::SignInFailed(failure));
                }
            },
            Signal::SignedIn(_, outcome) => {
                // The person has tried again meanwhile; this session is not wanted.
                if let Ok(SignedIn { token, .. }) = *outcome
                    && let Ok(caller) = self.cloud.with_token(token)
                {
                    self.farewells.spawn(async move {
                        let _ = caller.sign_out().await;
                    });
                }
            }
            Signal::Expired(epoch, failure) => {
                if self.session.as_ref().is_some_and(|session| session.epoch == epoch) {
                    self.session = None;
                    self.port.turn(Some(Update::SignedOut(Some(failure))));
                    self.look();
                }
            }
        }
    }

    fn sign_in(&mut self, login: String, password: &Zeroizing<String>) {
        if self.session.is_some() {
            self.leave(Some(Update::SignedOut(None)));
        }
        self.tries += 1;
        let number = self.tries;
        let cloud = self.cloud.clone();
        let signals = self.signals.clone();
        let sign_in = SignIn {
            institution: self.settings.institution.clone(),
            login,
            password: String::clone(password),
            terminal: self.settings.terminal.clone(),
        };
        tokio::spawn(async move {
            let outcome = cloud.sign_in(sign_in).await;
            // The loop ends only with the program.
            let _ = signals.send(Signal::SignedIn(number, Box::new(outcome)));
        });
    }

    fn begin(&mut self, SignedIn { token, session: info }: SignedIn) {
        let caller = match self.cloud.with_token(token) {
            Ok(caller) => caller,
            Err(failure) => return self.port.tell(Update::SignInFailed(failure)),
        };
        if let Some(looker) = self.looker.take() {
            looker.abort();
        }
        self.lamp.forget_skew();
        let epoch = self.port.turn(Some(Update::SignedIn(info)));
        self.lamp.up();
        let revisions = Revisions::default();
        let follower = self.follower(epoch, &caller, &revisions, None);
        let clocks = tokio::spawn(compare_clocks(self.cloud.clone(), self.lamp.clone()));
        let (changes, queue) = unbounded_channel();
        let writer = Writer {
            caller: caller.clone(),
            port: self.port.clone(),
            epoch,
            revisions: revisions.clone(),
            signals: self.signals.clone(),
        };
        self.session = Some(Session {
            epoch,
            caller,
            revisions,
            reads: JoinSet::new(),
            search: None,
            follower,
            clocks: clocks.abort_handle(),
            changes,
            writer: tokio::spawn(writer.run(queue)),
        });
    }

    fn follower(
        &self,
        epoch: Epoch,
        caller: &Caller,
        revisions: &Revisions,
        date: Option<Date>,
    ) -> AbortHandle {
        let follower = Follower {
            caller: caller.clone(),
            port: self.port.clone(),
            epoch,
            lamp: self.lamp.clone(),
            revisions: revisions.clone(),
            retry: Arc::clone(&self.retry),
            date,
        };
        let signals = self.signals.clone();
        let task = tokio::spawn(async move {
            let failure = follower.run().await;
            let _ = signals.send(Signal::Expired(epoch, failure));
        });
        task.abort_handle()
    }

    fn follow(&mut self, date: Date) {
        let Some(session) = &self.session else { return };
        session.follower.abort();
        let revisions = &session.revisions;
        let follower = self.follower(session.epoch, &session.caller, revisions, Some(date));
        if let Some(session) = &mut self.session {
            session.follower = follower;
        }
    }

    /// Ends the session here at once and in the cloud after the changes still under way.
    fn leave(&mut self, last: Option<Update>) {
        let Some(mut session) = self.session.take() else { return };
        self.port.turn(last);
        let writer = std::mem::replace(&mut session.writer, tokio::spawn(async {}));
        let caller = session.caller.clone();
        // With the session goes the sender of changes, so the writer ends after the last one.
        drop(session);
        self.farewells.spawn(async move {
            let _ = writer.await;
            let _ = caller.sign_out().await;
        });
        self.look();
    }

    /// While nobody is signed in, the lamp is lit by looking at the cloud now and then.
    fn look(&mut self) {
        let (cloud, lamp, retry) = (self.cloud.clone(), self.lamp.clone(), Arc::clone(&self.retry));
        let task = tokio::spawn(async move {
            let mut pause = cloud.limits.first_pause;
            loop {
                let sleep = match look_once(&cloud, &lamp).await {
                    Ok(()) => {
                        pause = cloud.limits.first_pause;
                        cloud.limits.look
                    }
                    Err(failure) => {
                        lamp.down(failure);
                        let sleep = pause;
                        pause = (pause * 2).min(cloud.limits.longest_pause);
                        sleep
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(sleep) => {}
                    () = retry.notified() => {}
                }
            }
        });
        if let Some(old) = self.looker.replace(task.abort_handle()) {
            old.abort();
        }
    }
}

async fn look_once(cloud: &Cloud, lamp: &Lamp) -> Result<(), Failure> {
    let before = lamp.now();
    let health = cloud.health().await?;
    lamp.up();
    lamp.compare(health.now, before, lamp.now());
    Ok(())
}

/// During a session the event stream lights the lamp; the clocks are still compared.
async fn compare_clocks(cloud: Cloud, lamp: Lamp) {
    const ROUNDS: u32 = 15;
    loop {
        let before = lamp.now();
        let pause = match cloud.health().await {
            Ok(health) => {
                lamp.compare(health.now, before, lamp.now());
                cloud.limits.look * ROUNDS
            }
            Err(_) => cloud.limits.look.min(Duration::from_mins(1)),
        };
        tokio::time::sleep(pause).await;
    }
}

impl Session {
    fn open_patient(
        &mut self,
        port: &Port,
        signals: UnboundedSender<Signal>,
        ticket: Ticket,
        number: PatientNumber,
    ) {
        let (caller, port, epoch) = (self.caller.clone(), port.clone(), self.epoch);
        while self.reads.try_join_next().is_some() {}
        self.reads.spawn(async move {
            match caller.patient(&number).await {
                Ok(view) => {
                    port.tell_in(epoch, Update::Patient { ticket, view: Box::new(view) });
                }
                Err(failure) => {
                    let expired = failure.clone();
                    port.tell_in(epoch, Update::PatientFailed { ticket, number, failure });
                    tell_expired(&signals, epoch, expired);
                }
            }
        });
    }

    /// An older search still under way is given up.
    fn search(
        &mut self,
        port: &Port,
        signals: UnboundedSender<Signal>,
        ticket: Ticket,
        text: String,
    ) {
        let (caller, port, epoch) = (self.caller.clone(), port.clone(), self.epoch);
        if let Some(older) = self.search.take() {
            older.abort();
        }
        while self.reads.try_join_next().is_some() {}
        let task = self.reads.spawn(async move {
            match caller.search(text).await {
                Ok(found) => {
                    let update = Update::Found { ticket, hits: found.hits, more: found.more };
                    port.tell_in(epoch, update);
                }
                Err(failure) => {
                    let expired = failure.clone();
                    port.tell_in(epoch, Update::SearchFailed { ticket, failure });
                    tell_expired(&signals, epoch, expired);
                }
            }
        });
        self.search = Some(task);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.follower.abort();
        self.clocks.abort();
    }
}

fn tell_expired(signals: &UnboundedSender<Signal>, epoch: Epoch, failure: Failure) {
    if failure.is_expired() {
        let _ = signals.send(Signal::Expired(epoch, failure));
    }
}

/// Sends the changes one after the other, in the order in which they were made.
struct Writer {
    caller: Caller,
    port: Port,
    epoch: Epoch,
    revisions: Revisions,
    signals: UnboundedSender<Signal>,
}

impl Writer {
    async fn run(self, mut queue: UnboundedReceiver<(ReceptionKey, StateChange)>) {
        while let Some((key, change)) = queue.recv().await {
            let change_id = change.change_id;
            match self.caller.change_state(&key, &change).await {
                Ok(reception) => {
                    self.revisions.learn(&reception);
                    let reception = Box::new(reception);
                    let update = Update::StateChanged { change_id, reception };
                    self.port.tell_in(self.epoch, update);
                }
                Err(refusal) => {
                    let failure = refusal.failure.clone();
                    let update = Update::StateChangeFailed {
                        change_id,
                        key,
                        failure: refusal.failure,
                        current: refusal.current,
                    };
                    self.port.tell_in(self.epoch, update);
                    tell_expired(&self.signals, self.epoch, failure);
                }
            }
        }
    }
}
