//! A token that expires during a run: on a terminal, `record` asks for a new one; elsewhere, it stops cleanly and prints the
//! command that resumes the run.

use serde_json::Value;

use crate::record::answer;
use crate::support::screen::{filtered, hold};
use crate::support::server::{ScriptedServer, Step};
use crate::support::token::issued;
use crate::support::{Run, TestEnv, case};

#[cfg(unix)]
const EXPIRED: &str = r#"{"Message":"Bearer Token has expired"}"#;

fn cases(range: std::ops::Range<usize>) -> String {
    range.map(|i| case(&format!("tests/test_a.py::t{i}"), "it's $HOME")).collect()
}

/// A server that answers so often, then says that the token has expired, then answers again.
#[cfg(unix)]
fn ends_after(answers: usize) -> ScriptedServer {
    let step = Step::json(200, &answer("hi"));
    let mut steps = vec![step.clone(); answers];
    steps.push(Step::json(403, EXPIRED));
    steps.extend(vec![step; 100]);
    ScriptedServer::start(steps)
}

fn counts(run: &Run) -> Vec<(String, usize)> {
    let report = run.json();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for result in report["results"].as_array().unwrap() {
        let status = result["status"].as_str().unwrap().to_owned();
        match counts.iter_mut().find(|(name, _)| *name == status) {
            Some((_, count)) => *count += 1,
            None => counts.push((status, 1)),
        }
    }
    counts
}

/// Runs a command as it was printed, in a shell.
#[cfg(unix)]
fn in_shell(env: &TestEnv, command: &str, input: &[u8]) -> Run {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(env.root()).env_clear();
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    Run::of(child.wait_with_output().unwrap())
}

#[cfg(unix)]
#[test]
fn the_command_that_is_printed_asks_what_is_left_and_nothing_else() {
    // What is there before, what is given, and the flag that goes on.
    let (all, odd) = (0..8, "a b/it's.jsonl");
    for (there, sources, flag) in [
        (0..0, &["--cases", odd][..], "--missing"),
        (0..0, &["--cases", odd, "--missing"], "--missing"),
        (0..3, &["--cases", odd, "--missing"], "--missing"),
        (0..0, &["--cases", "-"], "--missing"),
        (0..8, &["--cases", odd], "--key"),
        (0..8, &["tests"], "--key"),
        (0..8, &["tests", "--test", "*::t*"], "--key"),
        (0..5, &["--cases", odd], "--key"),
        (0..5, &["--cases", odd, "tests/recordings"], "--key"),
    ] {
        let env = TestEnv::new();
        env.write(odd, cases(all.clone()));
        let record = |url: &str, sources: &[&str], input: &[u8]| {
            let args = ["record", "--format", "json", "--concurrency", "2", "--endpoint-url", url];
            env.run_with_input(&[&args, sources].concat(), input)
        };
        if !there.is_empty() {
            env.write("there.jsonl", cases(there.clone()));
            let first = ScriptedServer::start(vec![Step::json(200, &answer("the old answer"))]);
            record(&first.url(), &["--cases", "there.jsonl"], b"").exits(0);
        }
        let server = ends_after(3);
        let input = cases(all.clone()).into_bytes();
        let ended = record(&server.url(), sources, &input).exits(1);
        let asked = server.requests();
        let command = ended.json()["next"].as_str().unwrap().to_owned();
        assert!(command.contains(&format!(" {flag}")), "{command}");
        let reasons = ended.json()["results"].as_array().unwrap().clone();
        let left = |result: &&Value| result["reason"].as_str().is_some_and(|reason| reason.contains("ended early"));
        let left: Vec<&Value> = reasons.iter().filter(left).collect();
        assert!(left.iter().all(|result| result["reason"].as_str().unwrap().contains(flag)), "{left:?}");
        let next = in_shell(&env, &command, &input).exits(0);
        let again = &server.requests()[asked.len()..];
        // The refused one and those that were not asked; of each, the whole request.
        assert_eq!(again.len(), left.len() + 1, "{command}: {ended:#?} {next:#?}");
        let answers = env.recordings().into_iter();
        let texts: Vec<String> = answers.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
        let missing = sources.contains(&"--missing");
        let new = texts.iter().filter(|text| text.contains("\"hi\"")).count();
        assert_eq!((texts.len(), new), (8, if missing { 8 - there.len() } else { 8 }), "{command}");
        assert!(next.json().get("next").is_none(), "nothing is left");
        env.run(&["verify"]).exits(0);
    }
}

#[cfg(unix)]
#[test]
fn what_is_left_twice_is_what_is_left_of_the_rest() {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases(0..6));
    let first = ScriptedServer::start(vec![Step::json(200, &answer("old"))]);
    env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &first.url()]).exits(0);
    let step = || Step::json(200, &answer("new"));
    let expired = || Step::json(403, EXPIRED);
    let steps = vec![step(), step(), expired(), step(), expired(), step(), step(), step()];
    let server = ScriptedServer::start(steps);
    let run = env.run(&["record", "--concurrency", "1", "tests", "--endpoint-url", &server.url()]).exits(1);
    let next = |run: &Run| run.stdout.lines().find_map(|line| line.strip_prefix("to resume: ")).unwrap().to_owned();
    let run = in_shell(&env, &next(&run), b"").exits(1);
    let run = in_shell(&env, &next(&run), b"").exits(0);
    hold("record_resumed", &filtered(&env, &run.stdout));
    assert_eq!(server.requests().len(), 8);
    env.run(&["record", "tests", "--key", "abcdef0123456789", "--sandbox"]).exits(2).one_error(&["--key"]);
    env.run(&["record", "tests", "--key", "no-key", "--sandbox"]).exits(2);
}

#[test]
fn a_token_that_runs_out_by_the_clock_is_not_sent() {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &issued("us-west-2", 60, 65));
    env.write("cases.jsonl", cases(0..30));
    let server = ScriptedServer::start(vec![Step { delay: 0.5, ..Step::json(200, &answer("hi")) }]);
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--format", "json"];
    let run = env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat()).exits(1);
    let report = run.json();
    let results = report["results"].as_array().unwrap();
    let refused: Vec<&Value> = results.iter().filter(|result| result["status"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{run:#?}");
    let said = format!("{}\n--- stderr\n{}", refused[0]["reason"].as_str().unwrap(), run.stderr);
    hold("record_token_ends_by_the_clock", &filtered(&env, &said));
    let written = counts(&run).into_iter().find(|(status, _)| status == "written").map_or(0, |(_, count)| count);
    assert_eq!(server.requests().len(), written, "nothing was sent in vain");
}

#[cfg(unix)]
mod on_a_terminal {
    use std::process::Command;

    use rexpect::session::{PtySession, spawn_command};

    use super::*;

    const TOKENS: [&str; 2] = ["the-first-token-of-the-test", "the-second-token-of-the-test"];

    /// A shell on a terminal that shows what is typed, and says at the end how it went.
    fn terminal(env: &TestEnv, server: &ScriptedServer, args: &str) -> PtySession {
        let binary = env!("CARGO_BIN_EXE_bedrock-fixtures");
        let record = format!("{binary} record --cases cases.jsonl --endpoint-url {} {args}", server.url());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap : INT; stty echo; {record}; echo \"code $?\"; stty -a; echo over")]);
        shell.current_dir(env.root()).env_clear().env("PATH", std::env::var("PATH").unwrap());
        shell.env("AWS_BEARER_TOKEN_BEDROCK", TOKENS[0]).env("TERM", "xterm");
        spawn_command(shell, Some(30_000)).unwrap()
    }

    /// Everything up to the end; the terminal is as it was.
    #[track_caller]
    fn ends(session: &mut PtySession, code: i32) -> String {
        let shown = session.exp_string("over").unwrap();
        assert!(shown.contains(&format!("code {code}")), "{shown}");
        assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
        assert_eq!(shown.find(TOKENS[1]), None, "{shown}");
        shown
    }

    fn bearers(server: &ScriptedServer) -> Vec<bool> {
        server.requests().iter().map(|request| request.contains(&format!("Bearer {}\r\n", TOKENS[1]))).collect()
    }

    #[test]
    fn a_new_token_goes_on() {
        let env = TestEnv::new();
        env.write("cases.jsonl", cases(0..5));
        let server = ends_after(2);
        let mut session = terminal(&env, &server, "--concurrency 1");
        let before = session.exp_string("New token").unwrap();
        assert!(
            before.contains("Bearer Token has expired") && before.contains("2 done, 1 refused, 2 left"),
            "{before}"
        );
        session.exp_string(":").unwrap();
        // What cannot be a token is said so, and asked for again.
        session.send_line("two words").unwrap();
        let said = session.exp_string("New token").unwrap();
        assert!(said.contains("cannot be sent"), "{said}");
        session.exp_string(":").unwrap();
        session.send_line(TOKENS[1]).unwrap();
        let shown = ends(&mut session, 0);
        assert!(shown.contains("5 written"), "{shown}");
        assert_eq!(bearers(&server), [false, false, false, true, true, true]);
        let bodies: Vec<String> =
            server.requests().iter().map(|request| request.split_once("\r\n\r\n").unwrap().1.to_owned()).collect();
        assert_eq!(bodies[2], bodies[3], "what was refused is asked again");
        env.run(&["verify"]).exits(0);
    }

    #[test]
    fn what_was_under_way_is_kept_before_the_question() {
        let env = TestEnv::new();
        env.write("cases.jsonl", cases(0..4));
        let slow = Step { delay: 0.7, ..Step::json(200, &answer("hi")) };
        let server =
            ScriptedServer::start(vec![Step::json(403, EXPIRED), slow.clone(), slow.clone(), slow.clone(), slow]);
        let mut session = terminal(&env, &server, "--concurrency 2");
        let before = session.exp_string("New token").unwrap();
        assert!(before.contains("1 done, 1 refused, 2 left"), "{before}");
        session.exp_string(":").unwrap();
        session.send_line(TOKENS[1]).unwrap();
        assert!(ends(&mut session, 0).contains("4 written"));
        assert_eq!(server.requests().len(), 5);
    }

    #[test]
    fn an_empty_line_or_an_interrupt_ends_the_run() {
        for interrupt in [false, true] {
            let env = TestEnv::new();
            env.write("cases.jsonl", cases(0..4));
            let server = ends_after(1);
            let mut session = terminal(&env, &server, "--concurrency 1");
            session.exp_string("New token").unwrap();
            session.exp_string("run):").unwrap();
            if interrupt {
                session.send_control('c').unwrap();
            } else {
                session.send_line("").unwrap();
            }
            let shown = ends(&mut session, 1);
            for part in ["1 written, 1 refused, 2 skipped", "to resume: ", "--missing"] {
                assert!(shown.contains(part), "{part}: {shown}");
            }
            assert_eq!(server.requests().len(), 2);
        }
    }

    #[test]
    fn the_bar_says_how_the_run_stands() {
        let env = TestEnv::new();
        env.write("cases.jsonl", cases(0..6));
        let slow = Step { delay: 0.3, ..Step::json(200, &answer("hi")) };
        let bad = Step { delay: 0.3, ..Step::json(404, "") };
        let server = ScriptedServer::start(vec![slow.clone(), slow, bad]);
        let mut session = terminal(&env, &server, "--concurrency 1");
        session.exp_string("2 done, 1 refused, 3 left, 20 tokens").unwrap();
        let shown = ends(&mut session, 1);
        assert!(shown.contains("4 written, 2 refused"), "{shown}");
    }
}
