//! Progress and questions, on standard error.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::PoisonError;

use anstream::AutoStream;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::helper::program;
use crate::report::{Progress, Report, Typed};

use super::{Color, Verbosity};

/// Fewer steps than this are done before a bar could be read.
const WORTH_A_BAR: usize = 2;

/// A bar that counts.
const COUNTING: &str = "{prefix} {wide_bar} {pos}/{len} {eta}";

/// A bar with the detail of each step.
const TELLING: &str = "{prefix} {wide_bar} {msg}, {eta} left";

/// Progress on the terminal, if there is one.
#[derive(Debug)]
pub struct Terminal {
    color: Color,
    verbosity: Verbosity,
    bars: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    /// Progress as the flags and the terminal allow it.
    pub fn new(color: Color, verbosity: Verbosity, no_progress: bool) -> Self {
        let bars = !no_progress && verbosity > Verbosity::Quiet && std::io::stderr().is_terminal();
        Terminal { color, verbosity, bars, bar: Mutex::new(None) }
    }

    /// Shows a plan to somebody who can answer.
    fn show(&self, plan: &Report) -> Option<()> {
        if !Self::is_attended() {
            return None;
        }
        let mut err = AutoStream::new(std::io::stderr().lock(), self.color.choice());
        // If the plan cannot be shown, nobody has agreed to it.
        let (verbosity, columns) = (self.verbosity.max(Verbosity::Normal), super::wrap::stderr_columns());
        super::by_lines(&mut err, |err| super::text::write(err, plan, verbosity, true, columns)).ok()
    }

    fn with_bar<T>(&self, act: impl FnOnce(&mut Option<ProgressBar>) -> T) -> T {
        act(&mut self.bar.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes lines where no bar is in the way.
    fn say(&self, text: &str) {
        let write = || {
            let err = AutoStream::new(std::io::stderr().lock(), self.color.choice());
            let mut err = super::escape::CiLines::new(err);
            let columns = super::wrap::stderr_columns();
            text.lines().for_each(|line| {
                let _ = writeln!(err, "{}", super::wrap::message(&super::escape::clean(line), columns));
            });
        };
        self.with_bar(|bar| match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        });
    }

    fn is_attended() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Terminal {
    fn note(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say(text);
        }
    }

    fn data(&self, line: &str) {
        let mut out = std::io::stdout().lock();
        // Whoever does not read it does not need it.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    fn begin(&self, what: &str, total: usize) {
        if !self.bars || total < WORTH_A_BAR {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        bar.set_style(style(COUNTING));
        bar.set_prefix(super::escape::clean(what).into_owned());
        bar.tick();
        self.with_bar(|slot| *slot = Some(bar));
    }

    fn step(&self, detail: &str) {
        if self.bars {
            self.with_bar(|bar| {
                if let Some(bar) = bar {
                    if !detail.is_empty() {
                        if bar.message().is_empty() {
                            bar.set_style(style(TELLING));
                        }
                        bar.set_message(super::escape::clean(detail).into_owned());
                    }
                    bar.inc(1);
                }
            });
        }
    }

    fn end(&self) {
        self.with_bar(|bar| {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
        });
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        if !Self::is_attended() {
            return None;
        }
        // No answer is not consent.
        Some(
            dialoguer::Confirm::new()
                .with_prompt(super::escape::clean(question))
                .default(false)
                .interact()
                .unwrap_or(false),
        )
    }

    fn ask_secret(&self, about: &str, question: &str, answer: Typed) -> bool {
        if !Self::is_attended() {
            return false;
        }
        self.say(about);
        let question = super::escape::clean(question).into_owned();
        // The thread is left behind when the answer is not waited for: nothing else ends a read from a terminal.
        let asks = move || {
            let secret = dialoguer::Password::new().with_prompt(question).allow_empty_password(true).report(false);
            answer(secret.interact().ok());
        };
        std::thread::Builder::new().name("secret".to_owned()).spawn(asks).is_ok()
    }

    fn withdraw(&self) {
        // Typed text would stay hidden after the end of the process: only the thread that hid it can undo that, and it
        // still waits for a line.
        #[cfg(unix)]
        {
            let _ = program("stty").arg("echo").stderr(std::process::Stdio::null()).status();
        }
        self.say(" ");
    }

    fn confirm_plan(&self, plan: &Report, question: &str) -> Option<bool> {
        self.show(plan)?;
        self.confirm(question)
    }

    fn choose(&self, shown: &Report, question: &str, keys: &[char]) -> Option<char> {
        self.show(shown)?;
        let terminal = console::Term::stderr();
        loop {
            self.say(question);
            let key = terminal.read_char().ok()?.to_ascii_lowercase();
            if keys.contains(&key) {
                return Some(key);
            }
        }
    }

    fn confirm_typed(&self, plan: &Report, question: &str, word: &str) -> Option<bool> {
        self.show(plan)?;
        let answer: String = dialoguer::Input::new()
            .with_prompt(super::escape::clean(question))
            .allow_empty(true)
            .interact_text()
            .ok()?;
        Some(answer.trim() == word)
    }
}
