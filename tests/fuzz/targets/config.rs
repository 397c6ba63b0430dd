//! What people write into `offerctl.yaml`.

#![no_main]

offerctl_fuzz::target!(offerctl_fuzz::config::run);
