//! What all connections share: [`Server`].

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::door::Door;
use crate::config::{Compression, Config};
use crate::record::Recorder;
use crate::throttle::Turnstile;
use crate::world::World;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Server {
    world: Mutex<World>,
    recorder: Mutex<Recorder>,
    /// Requests in work. They go on when their client is gone, as those of a real service would.
    work: Mutex<JoinSet<()>>,
    pub(super) door: Door,
    pub(super) latency: Duration,
    pub(super) turnstile: Mutex<Turnstile>,
    pub(super) body_limit: usize,
    pub(super) batch_cap: usize,
    pub(super) compression: Compression,
}

impl Server {
    /// Returns what serves that world on that address.
    pub(crate) fn new(world: World, addr: SocketAddr, config: &Config) -> Self {
        Self {
            world: Mutex::new(world),
            recorder: Mutex::new(Recorder::new(config.account.token.clone())),
            work: Mutex::default(),
            door: Door::new(addr.ip(), config.allowed_origins.clone()),
            latency: config.latency,
            turnstile: Mutex::new(Turnstile::new(config.throttle)),
            body_limit: config.body_limit,
            batch_cap: config.batch_cap,
            compression: config.compression,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        lock(&self.recorder)
    }

    /// Returns the requests in work, to be waited for; later ones are no longer part of it.
    pub(crate) fn take_work(&self) -> JoinSet<()> {
        std::mem::take(&mut *lock(&self.work))
    }

    /// Lets work go on by itself.
    pub(super) fn begin_work(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut set = lock(&self.work);
        // Those that are done would stay in the set for ever.
        while set.try_join_next().is_some() {}
        set.spawn(work);
    }
}

/// A panic elsewhere is no reason to fail here: what the lock protects is never left half changed by a call.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
