//! What the rules of the model are, by example, by property and by a world of rude actors.

mod commons;
mod delivery;
mod documents;
mod duties;
mod gates;
mod goldens;
mod halts;
mod leases;
mod needs;
mod properties;
mod rebaselines;
mod registers;
mod reservations;
mod reviews;
mod revisions;
mod story;
mod tasks;
mod tokens;
mod waivers;
mod weakening;
mod who;
mod world;
