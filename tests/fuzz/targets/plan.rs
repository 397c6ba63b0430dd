//! Saved plans.

#![no_main]

offerctl_fuzz::target!(offerctl_fuzz::plan::run);
