//! Pages of lists, one after the other, over both generations of the API.

#![no_main]

offerctl_fuzz::target!(offerctl_fuzz::pages::run);
