//! Progress and questions, on standard error.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::PoisonError;

use anstream::AutoStream;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::{Progress, Report};

use super::{Color, Verbosity};

/// Fewer steps than this are done before a bar could be read.
const WORTH_A_BAR: usize = 2;

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
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let mut err = AutoStream::new(std::io::stderr().lock(), self.color.choice());
        // A plan that cannot be shown is one that nobody agrees to.
        super::text::write(&mut err, plan, self.verbosity.max(Verbosity::Normal), true).ok()
    }

    fn with_bar(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        act(&mut self.bar.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Terminal {
    fn note(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            let mut err = AutoStream::new(std::io::stderr().lock(), self.color.choice());
            let _ = writeln!(err, "{}", super::text::clean(text));
        }
    }

    fn begin(&self, what: &str, total: usize) {
        if !self.bars || total < WORTH_A_BAR {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(what.to_owned());
        self.with_bar(|slot| *slot = Some(bar));
    }

    fn step(&self, detail: &str) {
        if self.bars {
            self.with_bar(|bar| {
                if let Some(bar) = bar {
                    bar.set_message(detail.to_owned());
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
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        dialoguer::Confirm::new().with_prompt(question).default(false).interact().ok()
    }

    fn confirm_plan(&self, plan: &Report, question: &str) -> Option<bool> {
        self.show(plan)?;
        self.confirm(question)
    }

    fn confirm_typed(&self, plan: &Report, question: &str, word: &str) -> Option<bool> {
        self.show(plan)?;
        let answer: String = dialoguer::Input::new().with_prompt(question).allow_empty(true).interact_text().ok()?;
        Some(answer.trim() == word)
    }
}
