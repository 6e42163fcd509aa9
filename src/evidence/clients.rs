//! Which client an OGX test runs with, by the fixtures that it asks for.
//!
//! A run with the client `library` has the stack in the process of the tests; one with `server` uses a separate server.
//! A fixture that needs the server skips its tests with `library`. A fixture with a variant for each client makes two
//! tests, and `library` skips one.

use std::collections::BTreeSet;

use super::functions::{Function, has_word};

/// Fixtures of OGX that need a server, wherever they are defined.
const SERVER_FIXTURES: [&str; 2] = ["require_server", "openai_client"];

/// The fixture that gives a test one variant for each client.
const BOTH: &str = "compat_client";

/// The parameter of [`BOTH`] that only a server has.
const SERVER_VARIANT: &str = "openai_client";

/// Whether `library` skips a test: the test uses, directly or through fixtures, a fixture that needs the server.
/// `fixtures` are the functions of the files where pytest looks for fixtures of the test.
pub fn needs_server(test: &Function<'_>, fixtures: &[Function<'_>]) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![test];
    while let Some(function) = open.pop() {
        if SERVER_FIXTURES.iter().any(|name| function.asks_for(name)) {
            return true;
        }
        // A fixture that has variants does not ask for all it names.
        let asked =
            fixtures.iter().filter(|one| one.name != function.name && one.name != BOTH && function.asks_for(one.name));
        open.extend(asked.filter(|one| is_fixture(one) && seen.insert(one.name)));
    }
    false
}

/// Whether a test has variants that only a server runs, and none of them is recorded: a run with the server then has
/// nothing to replay.
pub fn fails_with_server<'a>(test: &Function<'_>, recorded: impl Iterator<Item = &'a str>) -> bool {
    let mut recorded = recorded.peekable();
    test.asks_for(BOTH) && recorded.peek().is_some() && !recorded.any(|test_id| has_word(test_id, SERVER_VARIANT))
}

fn is_fixture(function: &Function<'_>) -> bool {
    function.decorators().contains("fixture")
}

#[cfg(test)]
mod tests {
    use super::super::functions::functions;
    use super::*;

    #[test]
    fn fixtures_are_followed() {
        let source = r#"
@pytest.fixture
def a(b): ...

@pytest.fixture(scope="session")
def b(
    request,
    require_server: None = None,
): ...

@pytest.fixture(params=["openai_client", "client_with_models"])
def compat_client(request, client_with_models): ...

def helper(openai_client): ...

def test_direct(openai_client, x): ...
def test_deep(a): ...
@pytest.mark.usefixtures("require_server")
def test_marked(x): ...
def test_both(compat_client): ...
def test_library(client_with_models, openai_clients):
    helper(openai_client)
async def test_default(x=f(1), *, a=None): ...
"#;
        let all = functions(source);
        let needs = |name: &str| needs_server(all.iter().find(|one| one.name == name).unwrap(), &all);
        for (name, server) in [
            ("test_direct", true),
            ("test_deep", true),
            ("test_marked", true),
            ("test_both", false),
            ("test_library", false),
            ("test_default", true),
        ] {
            assert_eq!(needs(name), server, "{name}");
        }
    }

    #[test]
    fn variants_of_the_server_are_told_by_the_recorded_ids() {
        let all = functions("def test_both(compat_client): ...\ndef test_one(client_with_models): ...\n");
        let library = ["t.py::test_both[client_with_models-x]"];
        let both = ["t.py::test_both[client_with_models-x]", "t.py::test_both[openai_client-x]"];
        assert!(fails_with_server(&all[0], library.into_iter()));
        assert!(!fails_with_server(&all[0], both.into_iter()));
        assert!(!fails_with_server(&all[0], [].into_iter()));
        assert!(!fails_with_server(&all[1], library.into_iter()));
    }
}
