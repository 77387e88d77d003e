//! What tests and measurements share: plans of any size, made from a seed. Touches no file and
//! no clock; whoever wants a file writes the text it gets from here. Start reading at [`plans`].

pub mod plans;
