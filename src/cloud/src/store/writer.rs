//! The one task of a process that writes: everything that waits goes into one transaction, so that
//! many small durable writes share one flush of the disk.
//!
//! A work is answered after its transaction is committed. When a work fails, its transaction is taken back
//! and every work of the batch runs again in a transaction of its own: nobody pays for another's error.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::{AnyConnection, Connection};
use tokio::sync::{mpsc, oneshot};

use super::database::Database;
use super::events::Heads;
use super::tx::Tx;
use super::{StoreError, Tenant};
use crate::clock::Clock;

/// Most works in one transaction.
const BATCH: usize = 512;
/// Works that may wait; who comes later waits at the door.
const QUEUE: usize = 4096;
/// A transaction that takes longer waits for a server that is gone without a word.
const LONGEST: Duration = Duration::from_secs(90);

/// Something that writes. It may run more than once, each time in a new transaction.
pub(super) trait Work: Send + Sync + 'static {
    /// What the caller gets.
    type Output: Send + 'static;

    /// Whose rows; `None` for the service's own.
    fn tenant(&self) -> Option<Tenant>;

    /// Does it. An error that is a rule's refusal, given before anything was written, leaves the rest of
    /// the transaction alone; any other takes it back.
    fn run(&self, tx: &mut Tx<'_>)
    -> impl Future<Output = Result<Self::Output, StoreError>> + Send;
}

trait Job: Send {
    fn tenant(&self) -> Option<Tenant>;
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<(), StoreError>>;
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Waiting<W: Work> {
    work: W,
    done: Option<Result<W::Output, StoreError>>,
    reply: oneshot::Sender<Result<W::Output, StoreError>>,
}

impl<W: Work> Job for Waiting<W> {
    fn tenant(&self) -> Option<Tenant> {
        self.work.tenant()
    }

    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let before = tx.writes();
            match self.work.run(tx).await {
                Err(error) if !(error.is_refusal() && tx.writes() == before) => Err(error),
                done => {
                    self.done = Some(done);
                    Ok(())
                }
            }
        })
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        let lost = || Err(StoreError::Unavailable("the write was not done".to_owned()));
        let answer = match outcome {
            Ok(()) => self.done.unwrap_or_else(lost),
            Err(error) => Err(error),
        };
        // Nobody waits any more: the write stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// The way to the writing task.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the task; it ends when the last [`Writer`] is gone and the queue is empty.
    pub(super) fn start(
        database: Arc<Database>,
        clock: Clock,
        heads: Arc<Heads>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = Task { database, clock, heads, conn: None };
        (Self { queue }, tokio::spawn(task.run(jobs)))
    }

    /// Hands a work over and waits until it is on the disk. Once handed over it is done even if the caller
    /// goes away.
    pub(super) async fn write<W: Work>(&self, work: W) -> Result<W::Output, StoreError> {
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Waiting { work, done: None, reply });
        self.queue.send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

struct Task {
    database: Arc<Database>,
    clock: Clock,
    heads: Arc<Heads>,
    conn: Option<AnyConnection>,
}

impl Task {
    async fn run(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.recv_many(&mut batch, BATCH).await > 0 {
            self.batch(&mut batch).await;
        }
        if let Some(conn) = self.conn.take() {
            let _ = conn.close().await;
        }
    }

    async fn batch(&mut self, batch: &mut Vec<Box<dyn Job>>) {
        match self.transact(batch).await {
            Ok(()) => batch.drain(..).for_each(|job| job.settle(Ok(()))),
            Err(error) if batch.len() == 1 && !error.is_connection() => {
                batch.drain(..).for_each(|job| job.settle(Err(error.clone())));
            }
            Err(_) => {
                // Each of them again, alone. Once the database itself is out of reach the rest is told at
                // once instead of waiting in turn.
                let mut unreachable = None;
                for job in batch.drain(..) {
                    let mut alone = [job];
                    let outcome = match &unreachable {
                        Some(error) => Err(StoreError::clone(error)),
                        None => self.transact(&mut alone).await,
                    };
                    unreachable =
                        outcome.as_ref().err().filter(|error| error.is_connection()).cloned();
                    let [job] = alone;
                    job.settle(outcome);
                }
            }
        }
    }

    /// One transaction for all of them. After an error nothing of it stands.
    async fn transact(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.database.connect().await?,
        };
        let mut tenants: Vec<Tenant> = batch.iter().filter_map(|job| job.tenant()).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let mut tx = Tx::new(&mut conn, self.database.engine(), self.clock.now());
        let work = async {
            tx.begin(&tenants).await?;
            for job in batch {
                job.run(&mut tx).await?;
            }
            tx.commit().await
        };
        let Ok(outcome) = tokio::time::timeout(LONGEST, work).await else {
            // The connection goes with its transaction.
            return Err(StoreError::Unavailable("the database does not answer".to_owned()));
        };
        match outcome {
            Ok(heads) => {
                self.conn = Some(conn);
                self.heads.announce(&heads);
                Ok(())
            }
            Err(error) => {
                // A connection that cannot even roll back is not used again.
                let rolled_back = sqlx::raw_sql("ROLLBACK").execute(&mut conn).await.is_ok();
                if rolled_back && !error.is_connection() {
                    self.conn = Some(conn);
                }
                Err(error)
            }
        }
    }
}
