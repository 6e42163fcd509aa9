use serde_json::json;

use crate::support::screen::hold;
use crate::support::token::{text, vectors};
use crate::support::{Run, TestEnv};

const AT: &str = "2026-01-15T08:30:00Z";

/// The example credentials of the AWS documentation.
fn example_secret() -> String {
    ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/")
}

fn env() -> TestEnv {
    TestEnv::new().set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").set("AWS_SECRET_ACCESS_KEY", &example_secret())
}

#[track_caller]
fn mint(env: &TestEnv, extra: &[&str]) -> Run {
    env.run(&[&["mint-token", "--at", AT], extra].concat())
}

#[test]
fn tokens_are_those_of_the_official_generator() {
    for list in ["short_term_python", "short_term_identity"] {
        for vector in vectors(list) {
            let secret_key = vector["secret_key"].as_str().map_or_else(example_secret, str::to_owned);
            let mut env = TestEnv::new()
                .set("AWS_ACCESS_KEY_ID", text(&vector, "access_key"))
                .set("AWS_SECRET_ACCESS_KEY", &secret_key);
            if let Some(session_token) = vector["session_token"].as_str() {
                env = env.set("AWS_SESSION_TOKEN", session_token);
            }
            let expires = vector["expires"].to_string();
            let args = ["--region", text(&vector, "region"), "--expires", &expires, "--at", text(&vector, "date")];
            let run = env.run(&[&["mint-token"], &args[..]].concat()).exits(0);
            assert_eq!(run.stdout, format!("{}\n", text(&vector, "token")), "{}", text(&vector, "name"));
            assert!(run.stderr.contains(text(&vector, "expires_at")), "{run:#?}");
        }
    }
}

#[test]
fn a_token_never_outlives_its_credentials() {
    let expiring = |at: &str| env().set("AWS_CREDENTIAL_EXPIRATION", at);
    for (env, expires, seconds, warns) in [
        (env(), "12h", 43_200, false),
        (env(), "2h", 7_200, false),
        (env(), "13h", 43_200, true),
        (env(), "1000000h", 43_200, true),
        (expiring("2026-01-15T09:30:00Z"), "12h", 3_600, true),
        (expiring("2026-01-15T10:30:00.999+01:00"), "12h", 3_600, true),
        (expiring("2026-01-15T09:30:00Z"), "1h", 3_600, false),
        (expiring("2026-01-15T09:30:00Z"), "10m", 600, false),
        (expiring("2027-01-01T00:00:00Z"), "12h", 43_200, false),
        (expiring("2026-01-15T08:30:01Z"), "12h", 1, true),
    ] {
        let run = mint(&env, &["--expires", expires, "--format", "json"]).exits(0);
        assert_eq!(run.json()["expires_seconds"], seconds, "{expires} {run:#?}");
        assert_eq!(run.stderr.contains("warning: "), warns, "{run:#?}");
        let check = ["verify-token", "-", "--format", "json", "--at", AT];
        let token = run.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(env.run_with_input(&check, token.as_bytes()).json()["remaining_seconds"], seconds);
    }
    for ended in ["2026-01-15T08:30:00Z", "2026-01-15T08:30:00.5Z", "2020-01-01T00:00:00Z"] {
        mint(&expiring(ended), &[]).exits(2).one_error(&["the AWS credentials ended at", "renew them"]);
    }
    mint(&expiring("soon"), &[]).exits(2).one_error(&["AWS_CREDENTIAL_EXPIRATION"]);
    for none in ["0", "0s", "500ms"] {
        mint(&env(), &["--expires", none]).exits(2).one_error(&["--expires", "12h"]);
    }
    mint(&env(), &["--expires=-1h"]).exits(2);
    let temporary = TestEnv::new()
        .set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", &example_secret())
        .set("AWS_SESSION_TOKEN", "a/session+token=");
    let run = mint(&temporary, &[]).exits(0);
    hold("mint_token_temporary", &run.stderr);
}

#[test]
fn credentials_that_do_not_belong_together_are_refused() {
    let id = |id: &str| TestEnv::new().set("AWS_ACCESS_KEY_ID", id).set("AWS_SECRET_ACCESS_KEY", &example_secret());
    for (env, says) in [
        (TestEnv::new().set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), "AWS_SECRET_ACCESS_KEY is not"),
        (TestEnv::new().set("AWS_SECRET_ACCESS_KEY", &example_secret()), "AWS_ACCESS_KEY_ID is not"),
        (id("ASIAIOSFODNN7EXAMPLE"), "without X-Amz-Security-Token"),
        (env().set("AWS_SESSION_TOKEN", "left-over"), "X-Amz-Security-Token beside"),
        (id("not an id"), "has no access key id"),
    ] {
        let run = mint(&env, &[]).exits(2);
        assert_eq!(run.stdout, "");
        run.hides(&example_secret());
        run.one_error(&[says]);
    }
    mint(&env(), &["--region", "nowhere"]).exits(2).one_error(&["--region"]);
}

#[test]
fn the_region_is_always_said() {
    for (env, args, region, source) in [
        (env(), vec![], "us-west-2", "the default"),
        (env().set("AWS_DEFAULT_REGION", "eu-west-1"), vec![], "eu-west-1", "AWS_DEFAULT_REGION"),
        (env().set("AWS_REGION", "eu-west-1"), vec!["--region", "us-east-1"], "us-east-1", "--region"),
    ] {
        let run = mint(&env, &[&["--format", "json"], &args[..]].concat()).exits(0);
        assert_eq!(run.json()["region"], region);
        let said = format!("region {region} (from {source})");
        assert!(run.stderr.lines().any(|line| line == said), "{run:#?}");
    }
}

#[test]
fn the_json_names_the_file_or_holds_the_token() {
    let env = env();
    let run = mint(&env, &["--format", "json", "--output", "token"]).exits(0);
    let expected = json!({
        "schema": 1, "command": "mint-token", "region": "us-west-2", "access_key": "AKIA…MPLE", "issued_at": AT,
        "expires_at": "2026-01-15T20:30:00Z", "expires_seconds": 43200, "output": "token", "notes": [],
    });
    assert_eq!(crate::support::without_recorder(run.json()), expected);
    let run = mint(&env, &["--format", "json"]).exits(0);
    assert_eq!(format!("{}\n", run.json()["token"].as_str().unwrap()), env.read("token"));
}

#[test]
fn a_file_is_for_its_owner_alone_and_holds_the_old_token_or_the_new() {
    let env = env();
    let old = env.write("token", "old");
    env.write("folder/file", "");
    let run = mint(&env, &["--output", "token"]).exits(0);
    assert_eq!(run.stdout, "written token\n");
    let token = env.read("token");
    assert!(token.ends_with("=\n"), "{token}");
    run.hides(token.trim());
    assert_eq!(env.tree().len(), 2, "nothing else is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o600);
        std::os::unix::fs::symlink(&old, env.root().join("link")).unwrap();
        mint(&env, &["--output", "link", "--expires", "1h"]).exits(0);
        assert!(env.root().join("link").is_symlink());
        assert_ne!(env.read("token"), token);
        mint(&env, &["--output", "/dev/null"]).exits(2).one_error(&["not a regular file"]);
    }
    let _ = old;
    mint(&env, &["--output", "folder"]).exits(2).one_error(&["folder", "not a regular file"]);
    mint(&env, &["--output", "no/where/token"]).exits(2).one_error(&["no/where/token", "cannot write"]);
    mint(&env, &["--output", "token", "--export"]).exits(2);
}

#[cfg(unix)]
mod unix {
    use super::*;

    /// An `aws` that does `script`, and an environment that has no credentials of its own.
    fn with_aws(script: &str) -> TestEnv {
        use std::os::unix::fs::PermissionsExt as _;
        let env = TestEnv::new();
        let aws = env.write("bin/aws", format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(aws, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", env.root().join("bin").display());
        env.set("PATH", &path)
    }

    fn exported(id: &str, more: &str) -> String {
        let secret = example_secret();
        format!(r#"echo '{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}"{more}}}'"#)
    }

    #[test]
    fn the_line_for_the_shell_sets_the_token() {
        let env = env();
        let token = mint(&env, &[]).exits(0).stdout;
        let binary = env!("CARGO_BIN_EXE_bedrock-fixtures");
        let line =
            format!("eval \"$({binary} mint-token --at {AT} --export)\"; /bin/sh -c 'echo $AWS_BEARER_TOKEN_BEDROCK'");
        let mut shell = env.command(&[]);
        let mut sh = std::process::Command::new("/bin/sh");
        sh.args(["-c", &line]).env_clear();
        for (name, value) in shell.arg("").get_envs() {
            sh.env(name, value.unwrap_or_default());
        }
        assert_eq!(Run::of(sh.output().unwrap()).stdout, token);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_terminal_is_shown_nothing_unless_asked_to() {
        let env = env();
        let token = mint(&env, &[]).exits(0).stdout;
        let binary = env!("CARGO_BIN_EXE_bedrock-fixtures");
        // script(1) is the terminal; the credentials are in its environment.
        let on_terminal = |args: &str| {
            let mut shell = env.command(&[]);
            let mut script = std::process::Command::new("/usr/bin/script");
            let line = format!("{binary} mint-token --at {AT} {args}");
            script.args(["-qec", &line, "/dev/null"]).env_clear().current_dir(env.root());
            script.env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").stdin(std::process::Stdio::null());
            for (name, value) in shell.arg("").get_envs() {
                script.env(name, value.unwrap_or_default());
            }
            Run::of(script.output().unwrap())
        };
        for args in ["", "--export", "--format json"] {
            let run = on_terminal(args).exits(2);
            assert!(run.stdout.contains("--show"), "{run:#?}");
            run.hides(&token[20..60]);
        }
        assert!(on_terminal("--show").exits(0).stdout.contains(token.trim()));
        let run = on_terminal("--output file").exits(0);
        run.hides(&token[20..60]);
        assert_eq!(env.read("file"), token);
    }

    #[test]
    fn without_credentials_in_the_environment_the_aws_cli_is_asked() {
        let script = exported("AKIAIOSFODNN7EXAMPLE", "");
        let env = with_aws(&format!("echo \"$@\" >args; {script}"));
        let token = mint(&super::env(), &[]).exits(0).stdout;
        let run = mint(&env, &[]).exits(0);
        assert_eq!(run.stdout, token);
        assert_eq!(env.read("args"), "configure export-credentials --format process\n");
        hold("mint_token_of_the_aws_cli", &run.stderr);

        // A profile that was asked for comes before the environment.
        let env = env.set("AWS_ACCESS_KEY_ID", "AKIAOTHEROTHEROTHER1").set("AWS_SECRET_ACCESS_KEY", "other-secret");
        assert_eq!(mint(&env, &["--profile", "dev"]).exits(0).stdout, token);
        assert_eq!(env.read("args"), "configure export-credentials --format process --profile dev\n");
        std::fs::remove_file(env.root().join("args")).unwrap();
        assert_ne!(mint(&env, &[]).exits(0).stdout, token);
        assert!(!env.root().join("args").exists(), "the environment comes first");
    }

    #[test]
    fn the_end_that_the_aws_cli_says_is_kept() {
        let more = r#", "SessionToken": "a/session+token=", "Expiration": "2026-01-15T09:00:00+00:00""#;
        let run = mint(&with_aws(&exported("ASIAIOSFODNN7EXAMPLE", more)), &["--format", "json"]).exits(0);
        assert_eq!(run.json()["expires_at"], "2026-01-15T09:00:00Z");
        hold("mint_token_ends_with_credentials", &run.stderr);
    }

    #[test]
    fn an_aws_cli_that_gives_none_is_one_line() {
        let none = TestEnv::new().set("PATH", "/nowhere");
        mint(&none, &[]).exits(2).one_error(&["no AWS credentials in the environment", "aws", "AWS_ACCESS_KEY_ID"]);
        let secret = example_secret();
        for (script, says) in [
            ("echo; echo 'Unable to locate credentials for 123456789012' >&2; exit 253".to_owned(), "Unable to locate"),
            ("exit 1".to_owned(), "did not say why"),
            (format!("echo 'no json {secret}'"), "printed no credentials"),
            (format!(r#"echo '{{"AccessKeyId": 5, "SecretAccessKey": "{secret}"}}'"#), "printed no credentials"),
            (format!(r#"echo '{{"AccessKeyId": "", "SecretAccessKey": "{secret}"}}'"#), "no access key id"),
            (exported("AKIAIOSFODNN7EXAMPLE", r#", "Expiration": "later""#), "Expiration"),
            ("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2".to_owned(), "aws"),
        ] {
            let run = mint(&with_aws(&script), &[]).exits(2);
            run.hides(&secret);
            run.hides("123456789012");
            run.one_error(&[says]);
        }
    }
}
