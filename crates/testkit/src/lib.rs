//! What tests and measurements share: plans of any size, made from a seed; small plans sketched in
//! a few lines; and checkers that judge a history by its log alone. Touches
//! no file and no clock. Start reading at [`plans`] and [`checkers`].

pub mod checkers;
pub mod plans;
pub mod sketch;
