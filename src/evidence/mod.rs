//! What is known of test runs and of what is to run. Pure: texts in, values out. Nothing here decides; what follows from
//! evidence is the business of who asks.

pub mod suites;
