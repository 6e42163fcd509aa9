//! Facts of AWS: its partitions and regions, the hosts of Bedrock, and what its models do there. A ground room: no input or output.

pub mod facts;
pub mod hosts;
pub mod partition;
pub mod region;
