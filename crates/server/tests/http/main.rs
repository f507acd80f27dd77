//! The service as its clients see it, over real connections and a simulated world.
#![allow(clippy::unwrap_used)] // tests

mod access;
mod alerts;
mod cases;
mod client;
mod hostile;
mod jobs;
mod matrix;
mod oidc;
mod openapi;
mod pages;
mod reads;
mod records;
mod screenings;
mod sessions;
mod sightings;
mod smuggling;
mod team;
mod tls;
mod upkeep;
mod withdrawals;
mod world;
