//! The manual: chapters that belong to no single command, for `help` and the manual page. They are the files of `docs/`.

/// A chapter of the manual.
pub struct Topic {
    /// Its name on the command line, and that of its file.
    pub name: &'static str,
    /// What it is about, in one line.
    pub about: &'static str,
    /// The whole text, in Markdown.
    pub text: &'static str,
}

/// All chapters, in the order in which the manual is read.
pub const TOPICS: [Topic; 22] = [
    Topic {
        name: "set-up",
        about: "hooks, attributes and a case file in a repository",
        text: include_str!("../../docs/set-up.md"),
    },
    Topic {
        name: "troubleshooting",
        about: "the checks of doctor",
        text: include_str!("../../docs/troubleshooting.md"),
    },
    Topic {
        name: "recording",
        about: "asking Bedrock and storing the answers",
        text: include_str!("../../docs/recording.md"),
    },
    Topic {
        name: "guarding",
        about: "recording with your own test runner",
        text: include_str!("../../docs/guarding.md"),
    },
    Topic { name: "verifying", about: "the rules of verify", text: include_str!("../../docs/verifying.md") },
    Topic {
        name: "replaying",
        about: "replaying requests, and the files that tests read",
        text: include_str!("../../docs/replaying.md"),
    },
    Topic {
        name: "explaining",
        about: "why a recording was not found",
        text: include_str!("../../docs/explaining.md"),
    },
    Topic { name: "reviewing", about: "what a re-record changed", text: include_str!("../../docs/reviewing.md") },
    Topic {
        name: "renaming",
        about: "tests, urls, models and upgrades of OGX",
        text: include_str!("../../docs/renaming.md"),
    },
    Topic {
        name: "cleaning-up",
        about: "which recordings prune deletes, and with what proof",
        text: include_str!("../../docs/cleaning-up.md"),
    },
    Topic {
        name: "tokens",
        about: "Bedrock API keys and the order in which they are found",
        text: include_str!("../../docs/tokens.md"),
    },
    Topic {
        name: "other-languages",
        about: "any Python project, any language: the server and the pytest plugin",
        text: include_str!("../../docs/other-languages.md"),
    },
    Topic { name: "format", about: "what a recording is", text: include_str!("../../docs/format.md") },
    Topic { name: "key", about: "how a file name follows from a request", text: include_str!("../../docs/key.md") },
    Topic {
        name: "configuration",
        about: "settings, and the recorder version in use",
        text: include_str!("../../docs/configuration.md"),
    },
    Topic { name: "environment", about: "which variables are read", text: include_str!("../../docs/environment.md") },
    Topic { name: "exit-codes", about: "the contract for scripts", text: include_str!("../../docs/exit-codes.md") },
    Topic {
        name: "compatibility",
        about: "versions of OGX, the SDK and systems",
        text: include_str!("../../docs/compatibility.md"),
    },
    Topic {
        name: "comparison",
        about: "other tools, and where they are better",
        text: include_str!("../../docs/comparison.md"),
    },
    Topic {
        name: "guide",
        about: "the steps of the OGX guide with this tool",
        text: include_str!("../../docs/guide.md"),
    },
    Topic {
        name: "promises",
        about: "the guarantees, and how they are tested",
        text: include_str!("../../docs/promises.md"),
    },
    Topic { name: "limits", about: "known limits", text: include_str!("../../docs/limits.md") },
];
