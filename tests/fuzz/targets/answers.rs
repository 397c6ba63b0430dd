//! What the service answers over JSON-RPC.

#![no_main]

offerctl_fuzz::target!(offerctl_fuzz::answers::run);
