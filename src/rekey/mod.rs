//! The plan of `rekey`: which recordings get another name, and which conflicts there are. Pure; the plan is a value.

pub mod rename;
pub mod twin;

use std::collections::{BTreeMap, BTreeSet};

pub use rename::{Renames, TextRename};
pub use twin::{describe, is_twin};

/// Starts the name of a copy that is a recording for as long as two files change places.
pub const SPARE: &str = ".bedrock-fixtures-rekey-";

/// What two recordings answer, each in one line.
pub type AnswerLines = [String; 2];

/// A recording that is not what and where it should be. Paths are relative to the root, with `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Where it is.
    pub from: String,
    /// Where it belongs; the same when only its content changes.
    pub to: String,
}

/// A recording whose new name is that of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// Where it is.
    pub from: String,
    /// Where it belongs.
    pub to: String,
    /// Where the one that gets or has the name is now.
    pub other: String,
    /// Both answers, if they differ.
    pub answers: Option<AnswerLines>,
}

/// The work to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RekeyPlan {
    /// By the old path.
    pub moves: Vec<Move>,
    /// By the old path. Those with the same answer are stale twins, and are deleted.
    pub collisions: Vec<Collision>,
}

/// One change of one file, in an order in which no recording is without a place in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A recording gets its new place.
    Place {
        /// Where its content is read.
        from: String,
        /// Where it is written.
        to: String,
        /// Whether a file is there that has been given, or will be given, a place of its own.
        replaces: bool,
    },
    /// A recording that another one will replace is kept beside it unchanged.
    Spare {
        /// Where it is.
        from: String,
        /// Where the copy is written.
        to: String,
    },
    /// Deletes a file whose content has been written to its new place.
    Remove {
        /// Where it is.
        path: String,
        /// Whether it is a copy that an earlier step makes.
        is_spare: bool,
    },
}

impl RekeyPlan {
    /// Makes the plan. `exists` says whether a file is at a path now; `compare` gives what two recordings answer when that
    /// differs, the second as it is now at its path.
    pub fn make<E>(
        mut wanted: Vec<Move>,
        exists: &dyn Fn(&str) -> bool,
        mut compare: impl FnMut(&Move, &str) -> Result<Option<AnswerLines>, E>,
    ) -> Result<RekeyPlan, E> {
        wanted.sort_unstable();
        let leaving: BTreeSet<String> = wanted.iter().filter(|m| m.from != m.to).map(|m| m.from.clone()).collect();
        let mut by_target: BTreeMap<String, Vec<Move>> = BTreeMap::new();
        for wish in wanted {
            by_target.entry(wish.to.clone()).or_default().push(wish);
        }
        let mut plan = RekeyPlan::default();
        for (to, wishes) in by_target {
            // The name belongs to the file that has it, unless that one leaves; then to the first by path.
            let has_it = exists(&to) && !leaving.contains(&to);
            let kept = if has_it { to.clone() } else { wishes[0].from.clone() };
            for wish in wishes {
                if wish.from == kept {
                    plan.moves.push(wish);
                } else {
                    let answers = compare(&wish, &kept)?;
                    plan.collisions.push(Collision { from: wish.from, to: wish.to, other: kept.clone(), answers });
                }
            }
        }
        plan.moves.sort_unstable();
        plan.collisions.sort_unstable_by(|a, b| a.from.cmp(&b.from));
        Ok(plan)
    }

    /// Whether there is no work to do.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.collisions.is_empty()
    }

    /// Whether two different answers want one name.
    pub fn is_blocked(&self) -> bool {
        self.collisions.iter().any(|collision| collision.answers.is_some())
    }

    /// The files that change or are deleted.
    pub fn touched(&self) -> impl Iterator<Item = &str> {
        let collisions = self.collisions.iter().map(|collision| collision.from.as_str());
        self.moves.iter().map(|m| m.from.as_str()).chain(collisions)
    }

    /// The changes in order: first every recording is written to its new place, a blocking one before the one that
    /// replaces it; then the remaining old files are deleted.
    pub fn steps(&self) -> Vec<Step> {
        let by_source: BTreeMap<&str, usize> =
            self.moves.iter().enumerate().map(|(i, m)| (m.from.as_str(), i)).collect();
        let dropped: BTreeSet<&str> = self.collisions.iter().map(|collision| collision.from.as_str()).collect();
        let mut steps = Vec::new();
        let mut spares = Vec::new();
        let mut placed = vec![false; self.moves.len()];
        for start in 0..self.moves.len() {
            // Each target is used once, so a chain of blocking recordings is a line or a ring.
            let mut line = Vec::new();
            let mut next = Some(start);
            while let Some(index) = next.filter(|index| !placed[*index]) {
                placed[index] = true;
                line.push(index);
                next = by_source.get(self.moves[index].to.as_str()).copied().filter(|next| *next != index);
            }
            if next == Some(start) && line.len() > 1 {
                let from = &self.moves[start].from;
                let (folder, name) = from.rsplit_once('/').unwrap_or(("", from));
                let to = format!("{folder}/{SPARE}{name}").trim_start_matches('/').to_owned();
                steps.push(Step::Spare { from: from.clone(), to: to.clone() });
                spares.push(Step::Remove { path: to, is_spare: true });
            }
            for index in line.into_iter().rev() {
                let Move { from, to } = self.moves[index].clone();
                let replaces = by_source.contains_key(to.as_str()) || dropped.contains(to.as_str());
                steps.push(Step::Place { from, to, replaces });
            }
        }
        let targets: BTreeSet<&str> = self.moves.iter().map(|m| m.to.as_str()).collect();
        let gone = self.touched().filter(|path| !targets.contains(path));
        steps.extend(gone.map(|path| Step::Remove { path: path.to_owned(), is_spare: false }));
        steps.extend(spares);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files by name, and of each what it holds: a number that says where it belongs.
    type FilesByName = BTreeMap<String, usize>;

    fn target(content: usize) -> String {
        format!("recordings/{content}.json")
    }

    fn plan(files: &FilesByName) -> RekeyPlan {
        let wishes = files.iter().map(|(name, content)| Move { from: name.clone(), to: target(*content) });
        let wanted = wishes.filter(|wish| wish.from != wish.to).collect();
        let compare = |wish: &Move, other: &str| {
            assert_eq!(files[&wish.from], files[other], "only what wants one name is compared");
            Ok::<_, ()>(None)
        };
        RekeyPlan::make(wanted, &|path| files.contains_key(path), compare).unwrap()
    }

    /// Takes the first `count` steps, each as the store would.
    fn after_steps(files: &FilesByName, steps: &[Step], count: usize) -> FilesByName {
        let mut now = files.clone();
        for step in &steps[..count] {
            match step {
                Step::Place { from, to, replaces } => {
                    assert_eq!(now.contains_key(to), *replaces, "{step:?} {now:?}");
                    now.insert(to.clone(), files[from]);
                }
                Step::Spare { from, to } => assert_eq!(now.insert(to.clone(), files[from]), None, "{step:?}"),
                Step::Remove { path, is_spare } => {
                    assert_eq!(files.contains_key(path), !is_spare);
                    assert!(now.remove(path).is_some(), "{step:?}");
                }
            }
        }
        now
    }

    #[test]
    fn nothing_is_lost_at_any_step_and_a_second_run_completes_it() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from((seed >> 33) % below).unwrap()
        };
        let mut rings = 0;
        for _ in 0..2000 {
            // Chains, rings, twins and names that nothing wants, at random.
            let files: FilesByName = (0..1 + random(6)).map(|_| (target(random(8)), random(6))).collect();
            let expected: FilesByName = files.values().map(|content| (target(*content), *content)).collect();
            let steps = plan(&files).steps();
            rings += usize::from(steps.iter().any(|step| matches!(step, Step::Spare { .. })));
            for count in 0..=steps.len() {
                let now = after_steps(&files, &steps, count);
                let contents: BTreeSet<usize> = now.values().copied().collect();
                assert_eq!(contents, files.values().copied().collect(), "{files:?} {steps:?} {count}");
                let again = plan(&now).steps();
                assert_eq!(after_steps(&now, &again, again.len()), expected, "{files:?} {steps:?} {count}");
            }
        }
        assert!(rings > 20, "{rings}");
    }
}
