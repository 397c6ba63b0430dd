//! What people write about offers.

#![no_main]

offerctl_fuzz::target!(offerctl_fuzz::manifests::run);
