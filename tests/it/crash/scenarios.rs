//! The commands that write, each on a small store.

use crate::support::{TestEnv, case};

/// A command on a store that is made anew for each run.
pub(super) struct Scenario {
    /// A program of its own writes, so that only what comes of it when all is over counts.
    pub(super) is_foreign: bool,
    /// It answers others until its standard input ends, and meanwhile they ask it.
    pub(super) is_server: bool,
    pub(super) name: &'static str,
    pub(super) args: &'static [&'static str],
    pub(super) make: fn(&TestEnv),
}

pub(super) fn cases(names: &[&str]) -> String {
    names.iter().map(|name| case(&format!("tests/a/test_a.py::{name}"), name)).collect()
}

/// Three recordings, two folders, committed.
pub(super) fn store(env: &TestEnv) {
    env.git(&["init", "-q"]);
    env.write("cases.jsonl", cases(&["one", "two"]) + &case("tests/b/test_b.py::three", "three"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    std::fs::remove_file(env.root().join("cases.jsonl")).unwrap();
    env.commit();
}

pub(super) const SCENARIOS: [Scenario; 14] = [
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "record",
        args: &["record", "--sandbox", "--cases", "cases.jsonl", "--concurrency", "1"],
        make: |env| {
            store(env);
            env.write("cases.jsonl", cases(&["one", "four", "five"]));
        },
    },
    Scenario {
        is_foreign: true,
        is_server: false,
        name: "record -- COMMAND",
        args: &["record", "--", "sh", "run.sh"],
        make: |env| {
            store(env);
            let all = env.recording_paths();
            env.write("run.sh", format!("echo '{{' > {}; rm {}; echo x > tests/a/recordings/new.json", all[0], all[1]));
        },
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "verify --fix",
        args: &["verify", "--fix"],
        make: |env| {
            store(env);
            for path in env.recording_paths() {
                env.write(&path, env.read(&path).replace("\n  ", "\n   "));
            }
        },
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "rekey",
        args: &["rekey", "--test-id", "tests/a/test_a.py=tests/c/test_c.py", "--yes", "--force"],
        make: store,
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "prune",
        args: &["prune", "--yes"],
        make: |env| {
            store(env);
            for (number, path) in env.recording_paths().iter().enumerate() {
                let folder = path.rsplit_once('/').unwrap().0;
                env.write(&format!("{folder}/{number:064}.json"), env.read(path));
            }
            env.commit();
        },
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "prune --quarantine",
        args: &["prune", "--yes", "--quarantine", "../quarantine"],
        make: |env| (SCENARIOS[4].make)(env),
    },
    Scenario { is_foreign: false, is_server: false, name: "init", args: &["init", "--yes"], make: store },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "reject",
        args: &["reject", "--yes"],
        make: |env| {
            store(env);
            let all = env.recording_paths();
            env.write(&all[0], "{}");
            std::fs::remove_file(env.root().join(&all[1])).unwrap();
        },
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "accept",
        args: &["accept", "tests"],
        make: |env| {
            store(env);
            env.write(&env.recording_paths()[0], "{}");
        },
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "verify --write-baseline",
        args: &["verify", "--write-baseline", "known.json"],
        make: store,
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "mint-token --output",
        args: &["mint-token", "--output", KEY, "--at", "2026-11-28T12:00:00Z"],
        make: |env| {
            store(env);
            env.write(KEY, "the key of before");
        },
    },
    Scenario {
        is_foreign: false,
        is_server: false,
        name: "record --serve",
        args: &["record", "--serve", "--sandbox", "--yes", "--", "bash", "client.sh"],
        make: |env| {
            store(env);
            env.write("client.sh", CLIENT);
        },
    },
    Scenario {
        is_foreign: false,
        is_server: true,
        name: "serve",
        args: &["serve", "--stdin-ends", "--reads-out", "reads", "--port-file", "port"],
        make: SERVED,
    },
    Scenario {
        is_foreign: false,
        is_server: true,
        name: "serve --mode missing",
        args: &[
            "serve",
            "--mode",
            "missing",
            "--sandbox",
            "--stdin-ends",
            "--reads-out",
            "reads",
            "--port-file",
            "port",
        ],
        make: SERVED,
    },
];

const SERVED: fn(&TestEnv) = |env| {
    store(env);
    env.write("client.sh", CLIENT);
};

/// A folder that no scenario has.
pub(super) const OTHER: &str = "tests/other/";

/// What `mint-token` writes.
pub(super) const KEY: &str = "key";

/// Asks the server three times: for a recording that is there, and for two that are not.
const CLIENT: &str = r#"port=${OPENAI_BASE_URL#*127.0.0.1:}; port=${port%%/*}
for name in one four five; do
  body='{"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": "'$name'"}]}'
  exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
  printf 'POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nx-test-id: %s\r\ncontent-length: %s\r\n\r\n%s' \
    "tests/a/test_a.py::$name" "${#body}" "$body" >&3
  while read -r -u 3 line; do :; done
  exec 3>&-
done
"#;
