//! Facts of AWS: its partitions and regions, and the hosts of Bedrock. A ground room: no input or output.

pub mod hosts;
pub mod partition;
pub mod region;
