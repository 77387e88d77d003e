//! What tests and measurements share: plans and handoffs of any size, made from
//! a seed; small plans sketched in a few lines; checkers that judge a history by its log alone; and a world of rude actors. Touches
//! no file and no clock. Start reading at [`plans`] and [`world`].

pub mod checkers;
pub mod handoffs;
pub mod plans;
pub mod sketch;
pub mod world;
