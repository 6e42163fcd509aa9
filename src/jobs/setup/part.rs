//! The parts of a set-up, with their names on the command line.

/// What there is to set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The hooks of pre-commit
    Hooks,
    /// Attributes by which git leaves recordings as they are and knows how to compare them
    Attributes,
    /// The program by which git compares them
    Textconv,
    /// The configuration of the stack for local recording, in a tree of OGX
    Stack,
    /// A case file to begin with
    Cases,
    /// A configuration file, with every setting as a comment
    Config,
    /// A conftest.py that answers the requests of a pytest project from recordings, without the plugin; only on request
    Conftest,
}

impl Part {
    /// Each with its name on the command line and what it is.
    pub const ALL: [(Part, &'static str, &'static str); 7] = [
        (Part::Hooks, "hooks", "The hooks of pre-commit"),
        (
            Part::Attributes,
            "attributes",
            "Attributes by which git leaves recordings as they are and knows how to compare them",
        ),
        (Part::Textconv, "textconv", "The program by which git compares them"),
        (Part::Stack, "stack", "The configuration of the stack for local recording, in a tree of OGX"),
        (Part::Cases, "cases", "A case file to begin with"),
        (Part::Config, "config", "A configuration file, with every setting as a comment"),
        (
            Part::Conftest,
            "conftest",
            "A conftest.py that answers the requests of a pytest project from recordings, without the plugin; only on request",
        ),
    ];
}
