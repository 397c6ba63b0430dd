//! The async part of `offerctl`.

mod answer;
pub mod apply;
pub mod budget;
pub mod fetch;
pub mod file;
pub mod json_rpc;
pub mod load;
pub mod obstacle;
pub mod random;
mod read;
pub mod remote;
pub mod rest;
mod sabotage;
pub mod service;
pub mod settle;
pub mod store;
mod wire;
