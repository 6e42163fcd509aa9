//! What holds for every command, as short texts: for `help` and the manual.

/// What is to be known beside the commands.
pub struct Topic {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is about, in one line.
    pub about: &'static str,
    /// The whole text.
    pub text: &'static str,
}

/// All topics.
pub const TOPICS: [Topic; 5] = [
    Topic { name: "format", about: "what a recording is", text: include_str!("topics/format.txt") },
    Topic { name: "key", about: "how a file name follows from a request", text: include_str!("topics/key.txt") },
    Topic { name: "exit-codes", about: "what a script may rely on", text: include_str!("topics/exit-codes.txt") },
    Topic {
        name: "configuration",
        about: "what a repository may set, and which recorder is in force",
        text: include_str!("topics/configuration.txt"),
    },
    Topic { name: "environment", about: "which variables are read", text: include_str!("topics/environment.txt") },
];
