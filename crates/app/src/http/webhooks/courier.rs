//! Tells endpoints what happens, one courier for each: in the order of the journal, again and again until
//! it works or every try is used up. A courier follows the journal by a position it keeps, so a restart
//! loses nothing; what was on its way is told once more.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use engine::desk::Desk as _;
use lens::history::Entry;
use lens::record::Record;
use lens::sentences::Names;
use model::ids::PlanId;

use super::client::Client;
use super::endpoint::Endpoint;
use super::message::{Letter, headers, letter};
use super::standing::{self, Standing, Undelivered};
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

/// So many events of the journal are read at a time.
const BATCH: usize = 256;

/// Looked at anew after so long where nobody told of anything: somebody may have asked for a message to be
/// told again.
const AT_THE_LATEST: Duration = Duration::from_secs(1);

/// After a fault of this machine, such as a full disk, nothing is tried for so long.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);

/// Sends a courier to each endpoint, as long as the service is there.
pub fn send_out(service: &Arc<Service>, endpoints: Vec<Endpoint>) -> io::Result<()> {
    if endpoints.is_empty() {
        return Ok(());
    }
    let client = Client::new().map_err(io::Error::other)?;
    for endpoint in endpoints {
        let store = service.store.folder();
        let lock = standing::claim(store, &endpoint.name)?;
        let standing = match Standing::read(store, &endpoint.name)? {
            Some(known) => known,
            None => {
                // Whoever is new is told what happens from now on.
                let fresh = Standing::new(&endpoint.name, service.feed.position());
                fresh.keep(store)?;
                fresh
            }
        };
        let courier = Courier {
            service: Arc::clone(service),
            endpoint: Arc::new(endpoint),
            client: client.clone(),
            standing,
        };
        tokio::spawn(async move {
            let ended = courier.service.feed.ended();
            tokio::select! {
                () = ended => {}
                () = courier.run() => {}
            }
            drop(lock);
        });
    }
    Ok(())
}

struct Courier {
    service: Arc<Service>,
    endpoint: Arc<Endpoint>,
    client: Client,
    standing: Standing,
}

impl Courier {
    async fn run(mut self) {
        let mut news = self.service.feed.subscribe();
        loop {
            match self.round().await {
                Ok(true) => {}
                Ok(false) => {
                    // The sender lives as long as the service does.
                    let _ = tokio::time::timeout(AT_THE_LATEST, news.changed()).await;
                }
                Err(_) => tokio::time::sleep(AFTER_A_FAULT).await,
            }
        }
    }

    /// Tells what is asked for again and what is new; says whether there may be more.
    async fn round(&mut self) -> Answered<bool> {
        let name = self.endpoint.name.clone();
        let asked = self.on_disk(move |service| standing::asked_again(service.store.folder(), &name)).await?;
        for id in asked {
            self.once_more(&id).await?;
        }
        let (letters, last) = self.letters_after(self.standing.cursor, BATCH).await?;
        for letter in letters {
            self.tell(letter).await?;
        }
        if last == self.standing.cursor {
            return Ok(false);
        }
        self.standing.cursor = last;
        self.keep().await?;
        Ok(true)
    }

    /// Tells an event until it is told or given up.
    async fn tell(&mut self, letter: Letter) -> Answered<()> {
        let mut attempts = match &self.standing.trying {
            Some(trying) if trying.id == letter.id => trying.attempts,
            _ => 0,
        };
        loop {
            attempts += 1;
            match self.post(&letter).await {
                Ok(()) => {
                    self.standing.told += 1;
                    break;
                }
                Err(error) => {
                    let undelivered = self.undelivered(&letter, attempts, error);
                    let pause = self.endpoint.retry_seconds.get(attempts as usize - 1).copied();
                    let Some(pause) = pause else {
                        self.standing.give_up(undelivered);
                        break;
                    };
                    self.standing.trying = Some(undelivered);
                    self.keep().await?;
                    tokio::time::sleep(Duration::from_secs(pause)).await;
                }
            }
        }
        self.standing.trying = None;
        self.standing.cursor = letter.position;
        self.keep().await
    }

    /// Tells an event once that could not be told before.
    async fn once_more(&mut self, id: &str) -> Answered<()> {
        let Some(place) = self.standing.dead.iter().position(|dead| dead.id == id) else { return Ok(()) };
        let known = self.standing.dead[place].clone();
        let (letters, _) = self.letters_after(known.position.saturating_sub(1), 1).await?;
        let told = match letters.into_iter().find(|letter| letter.id == id) {
            Some(letter) => self.post(&letter).await,
            None => Err("its event is no longer there, or no longer wanted".to_owned()),
        };
        match told {
            Ok(()) => {
                self.standing.dead.remove(place);
                self.standing.told += 1;
            }
            Err(error) => {
                let at = self.service.desk().now();
                self.standing.dead[place] = Undelivered { attempts: known.attempts + 1, error, at, ..known };
            }
        }
        self.keep().await
    }

    async fn post(&self, letter: &Letter) -> Result<(), String> {
        let Endpoint { url, allow_private, .. } = &*self.endpoint;
        // The receiver compares it with its own clock, whatever a store for tests says the time is.
        let headers = headers(&self.endpoint, letter, jiff::Timestamp::now());
        self.client.post(url, headers, letter.body.clone(), *allow_private).await
    }

    fn undelivered(&self, letter: &Letter, attempts: u32, error: String) -> Undelivered {
        Undelivered {
            id: letter.id.clone(),
            position: letter.position,
            kind: letter.kind.to_owned(),
            attempts,
            error,
            at: self.service.desk().now(),
        }
    }

    /// What the endpoint is told of the events after a position, and the last position that was read.
    async fn letters_after(&self, after: u64, limit: usize) -> Answered<(Vec<Letter>, u64)> {
        let endpoint = Arc::clone(&self.endpoint);
        self.service
            .run(move |service| {
                let batch = service.desk().journal().follow(after, limit)?;
                let last = batch.last().map_or(after, |stored| stored.position);
                let mut letters = Vec::new();
                for stored in batch {
                    // What the store says of itself is about no plan.
                    if stored.plan == PlanId::STORE {
                        continue;
                    }
                    let position = stored.position;
                    let recorded = engine::desk::recorded(stored)?;
                    let plan = service.desk().plan(recorded.plan)?;
                    if !endpoint.wants(plan.key.as_str(), recorded.event.kind()) {
                        continue;
                    }
                    let mut names = Names::new(&plan);
                    names.see(&recorded.event);
                    let entry = Entry::of(&names, &Record::from(&recorded));
                    letters.push(letter(&endpoint, &plan, &recorded, &entry, position));
                }
                Ok((letters, last))
            })
            .await
    }

    async fn keep(&self) -> Answered<()> {
        let standing = self.standing.clone();
        self.on_disk(move |service| standing.keep(service.store.folder())).await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Service) -> io::Result<T> + Send + 'static,
    ) -> Answered<T> {
        self.service.run(move |service| work(service).map_err(|error| Problem::of_disk(&error))).await
    }
}
