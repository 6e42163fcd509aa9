//! The styles of text output, and the words for counts and severities.

use anstyle::{Ansi256Color, Style};

use crate::report::Severity;

// None of the 16 ANSI colours has a contrast of 4.5 on black and on white. These of the 256 have, and terminals do not
// replace them. A colour repeats what a word says and never says it alone.
const RED: Ansi256Color = Ansi256Color(131);
const PURPLE: Ansi256Color = Ansi256Color(98);
const GREEN: Ansi256Color = Ansi256Color(29);
const GREY: Ansi256Color = Ansi256Color(243);

/// What went wrong.
pub(super) const ERROR: Style = RED.on_default().bold();
/// What may go wrong.
pub(super) const WARNING: Style = PURPLE.on_default().bold();
/// What is well.
pub(super) const GOOD: Style = GREEN.on_default();
/// Words that are gone.
pub(super) const REMOVED: Style = RED.on_default().strikethrough();
/// Words that are new.
pub(super) const ADDED: Style = GREEN.on_default().bold();
/// What a line is about.
pub(super) const STRONG: Style = Style::new().bold();
/// Less important text.
pub(super) const FAINT: Style = GREY.on_default();

pub(super) fn plural(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// How a severity is shown.
pub(super) fn severity(severity: Severity) -> (Style, &'static str) {
    match severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
    }
}

#[cfg(test)]
mod tests {
    use anstyle::Color;

    use super::*;
    use crate::output::contrast::contrast;

    /// The colour that xterm shows for an index of 256: a cube of six steps, then greys.
    fn xterm(index: u8) -> [u8; 3] {
        let step = |at: u8| if at == 0 { 0 } else { 55 + 40 * at };
        match index {
            16..232 => [step((index - 16) / 36), step((index - 16) / 6 % 6), step((index - 16) % 6)],
            232.. => [8 + 10 * (index - 232); 3],
            _ => panic!("a terminal may show any colour for {index}"),
        }
    }

    #[test]
    fn every_colour_can_be_read_on_black_and_on_white() {
        for style in [ERROR, WARNING, GOOD, REMOVED, ADDED, STRONG, FAINT] {
            assert!(style.get_bg_color().is_none() && !style.get_effects().contains(anstyle::Effects::DIMMED));
            let colour = match style.get_fg_color() {
                None => continue,
                Some(Color::Ansi256(Ansi256Color(index))) => xterm(index),
                Some(other) => panic!("{other:?} is another colour in each terminal"),
            };
            for ground in [[0; 3], [255; 3]] {
                let contrast = contrast(colour, ground);
                assert!(contrast >= 4.5, "{colour:?} on {ground:?}: {contrast:.2}");
            }
        }
    }
}
