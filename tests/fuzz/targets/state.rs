//! The state of an environment, and the entries of its journal.

#![no_main]

offerctl_fuzz::target!(offerctl_fuzz::state::run);
