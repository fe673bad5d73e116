//! The worker's one loop: requests in, tasks out, one session at a time.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use api::ErrorCode;
use api::session::{SessionInfo, SignedIn};
use jiff::civil::Date;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::call::{Caller, Cloud};
use super::follow::{Bookmark, Follower, Revisions};
use super::lamp::Lamp;
use super::message::{Failure, FailureKind, Request, Update};
use super::port::{Epoch, Port};
use super::sender::Sender;
use super::session::{Asked, Session};
use super::sign_in::{Door, Entered, Person};
use super::{Settings, look};
use crate::local::Handle;

/// For the last bytes of the connections.
const GOODBYE: Duration = Duration::from_millis(50);

/// What the tasks tell the loop.
pub(super) enum Signal {
    CameIn(u64, Person, Box<Result<Entered, Failure>>),
    CameBack(Epoch, Box<Result<SignedIn, Failure>>),
    Expired(Epoch, Failure),
}

/// Who is at the terminal.
enum Presence {
    Nobody,
    Online(Box<Session>),
    Offline(Away),
}

/// Somebody without the cloud's word, and the tries to get it.
struct Away {
    epoch: Epoch,
    person: Person,
    /// Why questions cannot be asked.
    failure: Failure,
    _returning: Returning,
    /// Of a session that ended under the person.
    before: Option<Before>,
}

/// What is left of a session that ended under somebody.
struct Before {
    /// Where the events go on.
    bookmark: Bookmark,
    /// Questions that still get their answer.
    _asked: Asked,
}

/// The tries to come back, which end with who wants to.
struct Returning(AbortHandle);

impl Drop for Returning {
    fn drop(&mut self) {
        // A session that the cloud begins just now is ended by its own limits.
        self.0.abort();
    }
}

struct Desk {
    cloud: Cloud,
    cache: Handle,
    port: Port,
    lamp: Lamp,
    door: Door,
    retry: Arc<Notify>,
    wish: Arc<Notify>,
    signals: UnboundedSender<Signal>,
    revisions: Revisions,
    presence: Presence,
    /// The day that the window follows; `None` for today.
    day: Option<Date>,
    /// Counts the tries to sign in; an older one's answer is no longer wanted.
    tries: u64,
    looker: Option<AbortHandle>,
    farewells: JoinSet<()>,
}

/// Runs until the window is gone.
pub(super) async fn run(
    settings: Settings,
    cache: Handle,
    port: Port,
    mut inbox: UnboundedReceiver<Request>,
) {
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
    let farewell = settings.limits.farewell;
    let (signals, mut heard) = unbounded_channel();
    let (closing, closes) = watch::channel(false);
    let mut desk = Desk::new(&settings, cloud, cache, port, lamp, signals);
    let sender = tokio::spawn(desk.sender(closes).run());
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
    closing.send_replace(true);
    // Past this the cloud's own limits end the session, and what is unsent stays in the outbox.
    let goodbyes = async { while desk.farewells.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(farewell, async { tokio::join!(goodbyes, sender) }).await;
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
        Request::History { ticket, .. } => port.tell(Update::HistoryFailed { ticket, failure }),
        Request::Confirmations => port.tell(Update::ConfirmationsFailed(failure)),
        Request::LabDay(_) => port.tell(Update::LabDayFailed(failure)),
        Request::PatientLab { ticket, .. } => {
            port.tell(Update::PatientLabFailed { ticket, failure });
        }
        Request::LabInbox => port.tell(Update::LabInboxFailed(failure)),
        Request::LabSpecimen { ticket, .. } => {
            port.tell(Update::LabSpecimenFailed { ticket, failure });
        }
        // What the terminal keeps of the sets goes on standing.
        Request::LabSets
        | Request::SignOut
        | Request::FollowDay(_)
        | Request::Reconnect
        | Request::SendNow => {}
    }
}

impl Desk {
    fn new(
        settings: &Settings,
        cloud: Cloud,
        cache: Handle,
        port: Port,
        lamp: Lamp,
        signals: UnboundedSender<Signal>,
    ) -> Self {
        let retry = Arc::new(Notify::new());
        let door = Door {
            cloud: cloud.clone(),
            cache: cache.clone(),
            lamp: lamp.clone(),
            retry: Arc::clone(&retry),
            institution: settings.institution.clone(),
            terminal: settings.terminal.clone(),
        };
        Self {
            cloud,
            cache,
            port,
            lamp,
            door,
            retry,
            wish: Arc::new(Notify::new()),
            signals,
            revisions: Revisions::default(),
            presence: Presence::Nobody,
            day: None,
            tries: 0,
            looker: None,
            farewells: JoinSet::new(),
        }
    }

    fn sender(&self, closing: watch::Receiver<bool>) -> Sender {
        Sender {
            cloud: self.cloud.clone(),
            cache: self.cache.clone(),
            port: self.port.clone(),
            lamp: self.lamp.clone(),
            revisions: self.revisions.clone(),
            wish: Arc::clone(&self.wish),
            retry: Arc::clone(&self.retry),
            closing,
        }
    }

    fn handle(&mut self, request: Request) {
        match (request, &mut self.presence) {
            (Request::Reconnect, _) => {
                self.retry.notify_waiters();
                self.wish.notify_one();
            }
            (Request::SendNow, _) => self.wish.notify_one(),
            (Request::SignIn { login, password }, _) => self.sign_in(Person { login, password }),
            // A sign-in still under way is no longer wanted.
            (Request::SignOut, Presence::Nobody) => self.tries += 1,
            (Request::SignOut, _) => self.leave(Some(Update::SignedOut(None))),
            (Request::FollowDay(date), _) => self.follow(date),
            (request, Presence::Online(session)) => session.ask(request),
            (request, Presence::Offline(away)) => refuse(&self.port, request, &away.failure),
            (request, Presence::Nobody) => {
                let code = ErrorCode::SessionExpired;
                let kind = FailureKind::Refused { code, retry_after_seconds: None };
                refuse(&self.port, request, &Failure::new(kind, "not signed in"));
            }
        }
    }

    fn hear(&mut self, signal: Signal) {
        match signal {
            Signal::CameIn(number, person, outcome) if number == self.tries => match *outcome {
                Ok(Entered::Online(signed_in)) => {
                    self.begin(signed_in, person, Update::SignedIn, None);
                }
                Ok(Entered::Offline(info, failure)) => self.begin_offline(info, person, failure),
                Err(failure) => self.port.tell(Update::SignInFailed(failure)),
            },
            // The person has tried again meanwhile; this session is not wanted.
            Signal::CameIn(_, _, outcome) => {
                if let Ok(Entered::Online(signed_in)) = *outcome {
                    self.give_back(signed_in);
                }
            }
            Signal::CameBack(epoch, outcome) => self.came_back(epoch, *outcome),
            Signal::Expired(epoch, failure) => self.expired(epoch, failure),
        }
    }

    fn sign_in(&mut self, person: Person) {
        if !matches!(self.presence, Presence::Nobody) {
            self.leave(Some(Update::SignedOut(None)));
        }
        self.day = None;
        self.tries += 1;
        let number = self.tries;
        let (door, signals) = (self.door.clone(), self.signals.clone());
        tokio::spawn(async move {
            let outcome = door.come_in(&person).await;
            // The loop ends only with the program.
            let _ = signals.send(Signal::CameIn(number, person, Box::new(outcome)));
        });
    }

    /// `says` is what the window is told: somebody new, or somebody who was here all the time.
    fn begin(
        &mut self,
        SignedIn { token, session: info }: SignedIn,
        person: Person,
        says: fn(SessionInfo) -> Update,
        bookmark: Option<Bookmark>,
    ) {
        let caller = match self.cloud.with_token(token) {
            Ok(caller) => caller,
            Err(failure) => return self.port.tell(Update::SignInFailed(failure)),
        };
        if let Some(looker) = self.looker.take() {
            looker.abort();
        }
        self.cache.remember_person(&person.login, info.clone(), person.password.clone());
        self.lamp.forget_skew();
        let epoch = self.port.turn(Some(says(info.clone())));
        self.lamp.up();
        if bookmark.is_none() {
            self.revisions.forget();
        }
        let bookmark = bookmark.unwrap_or_default();
        let cut = Arc::new(AtomicBool::new(false));
        let follower = self.follower(epoch, &caller, &cut, &bookmark);
        let clocks = tokio::spawn(look::compare_clocks(self.cloud.clone(), self.lamp.clone()));
        self.presence = Presence::Online(Box::new(Session {
            epoch,
            caller,
            info,
            person,
            cut,
            bookmark,
            follower,
            clocks: clocks.abort_handle(),
            asked: Asked::new(self.port.clone(), self.signals.clone()),
        }));
    }

    fn begin_offline(&mut self, info: SessionInfo, person: Person, failure: Failure) {
        let epoch = self.port.turn(Some(Update::SignedInOffline(info)));
        self.go_away(epoch, person, failure, None);
    }

    /// From now on the cloud is asked for its word again and again.
    fn go_away(&mut self, epoch: Epoch, person: Person, failure: Failure, before: Option<Before>) {
        if let Some(looker) = self.looker.take() {
            looker.abort();
        }
        let (door, signals, back) = (self.door.clone(), self.signals.clone(), person.clone());
        let task = tokio::spawn(async move {
            let outcome = door.come_back(&back).await;
            let _ = signals.send(Signal::CameBack(epoch, Box::new(outcome)));
        });
        let returning = Returning(task.abort_handle());
        self.presence =
            Presence::Offline(Away { epoch, person, failure, _returning: returning, before });
    }

    fn came_back(&mut self, epoch: Epoch, outcome: Result<SignedIn, Failure>) {
        let here = matches!(&self.presence, Presence::Offline(away) if away.epoch == epoch);
        match outcome {
            Ok(signed_in) if here => {
                if let Presence::Offline(Away { person, before, .. }) =
                    std::mem::replace(&mut self.presence, Presence::Nobody)
                {
                    let bookmark = before.map(|before| before.bookmark);
                    self.begin(signed_in, person, Update::BackOnline, bookmark);
                }
            }
            Ok(signed_in) => self.give_back(signed_in),
            Err(failure) if here => {
                let code = ErrorCode::BadCredentials;
                if let Presence::Offline(away) = &self.presence
                    && matches!(failure.kind, FailureKind::Refused { code: c, .. } if c == code)
                {
                    self.cache.forget_password(&away.person.login);
                }
                self.end(failure);
            }
            Err(_) => {}
        }
    }

    /// The session is over in the cloud. If a cut line has kept the person's work from it, the person is not
    /// sent away for that, as long as the session may last at all.
    fn expired(&mut self, epoch: Epoch, failure: Failure) {
        let Presence::Online(session) = &mut self.presence else { return };
        if session.epoch != epoch {
            return;
        }
        if !session.was_cut() || self.lamp.now() >= session.info.expires_at {
            return self.end(failure);
        }
        let port = self.port.clone();
        let asked = std::mem::replace(&mut session.asked, Asked::new(port, self.signals.clone()));
        let person = session.person.clone();
        let failure = Failure::new(FailureKind::Unreachable, failure.detail);
        let before = Before { bookmark: session.bookmark.clone(), _asked: asked };
        self.go_away(epoch, person, failure, Some(before));
    }

    /// Ends what the cloud has ended.
    fn end(&mut self, failure: Failure) {
        self.presence = Presence::Nobody;
        self.port.turn(Some(Update::SignedOut(Some(failure))));
        self.look();
    }

    /// Ends a session that nobody wants.
    fn give_back(&mut self, signed_in: SignedIn) {
        if let Ok(caller) = self.cloud.with_token(signed_in.token) {
            self.farewells.spawn(async move {
                let _ = caller.sign_out().await;
            });
        }
    }

    fn follower(
        &self,
        epoch: Epoch,
        caller: &Caller,
        cut: &Arc<AtomicBool>,
        bookmark: &Bookmark,
    ) -> AbortHandle {
        let follower = Follower {
            caller: caller.clone(),
            port: self.port.clone(),
            epoch,
            lamp: self.lamp.clone(),
            revisions: self.revisions.clone(),
            cache: self.cache.clone(),
            retry: Arc::clone(&self.retry),
            cut: Arc::clone(cut),
            bookmark: bookmark.clone(),
            date: self.day,
        };
        let signals = self.signals.clone();
        let task = tokio::spawn(async move {
            let failure = follower.run().await;
            let _ = signals.send(Signal::Expired(epoch, failure));
        });
        task.abort_handle()
    }

    fn follow(&mut self, date: Date) {
        self.day = Some(date);
        match &mut self.presence {
            Presence::Online(session) => {
                session.follower.abort();
                session.bookmark = Bookmark::default();
            }
            Presence::Offline(away) => {
                if let Some(before) = &mut away.before {
                    before.bookmark = Bookmark::default();
                }
            }
            Presence::Nobody => return,
        }
        let Presence::Online(session) = &self.presence else { return };
        let (cut, bookmark) = (&session.cut, &session.bookmark);
        let follower = self.follower(session.epoch, &session.caller, cut, bookmark);
        if let Presence::Online(session) = &mut self.presence {
            session.follower = follower;
        }
    }

    /// Ends the session here at once and then in the cloud. What waits in the outbox goes on being sent.
    fn leave(&mut self, last: Option<Update>) {
        match std::mem::replace(&mut self.presence, Presence::Nobody) {
            Presence::Nobody => return,
            Presence::Offline(_) => {
                self.port.turn(last);
            }
            Presence::Online(session) => {
                self.port.turn(last);
                let caller = session.caller.clone();
                drop(session);
                self.farewells.spawn(async move {
                    let _ = caller.sign_out().await;
                });
            }
        }
        self.look();
    }

    /// While nobody is signed in, the lamp is lit by looking at the cloud now and then.
    fn look(&mut self) {
        let look = look::now_and_then(self.cloud.clone(), self.lamp.clone(), self.retry.clone());
        if let Some(old) = self.looker.replace(tokio::spawn(look).abort_handle()) {
            old.abort();
        }
    }
}
