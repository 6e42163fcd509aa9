//! Which file before is which file after.
//!
//! Rule by rule, the most certain first, each file used once: the same path; the same key; the same test with the same
//! or the most similar request; the same test without its parameters; and, for any test, the same request with the same
//! answer. Swapping the sides gives the same pairs.

use std::collections::{HashMap, VecDeque};

use super::nearest::{Member, nearest};
use super::side::hash_of;
use super::sketch::Sketch;

/// The places of a file on both sides; one of them is there at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its place among the files before.
    pub before: Option<usize>,
    /// Its place among the files after.
    pub after: Option<usize>,
}

/// Recordings without a test count as the same from this similarity on, in hundredths.
const ALIKE: u32 = 50;

/// Pairs the files of two sides. Both are sorted by path.
pub fn pair(before: &[Sketch], after: &[Sketch]) -> Vec<Pair> {
    let mut matching = Matching {
        sides: [before, after],
        free: [(0..before.len()).collect(), (0..after.len()).collect()],
        pairs: Vec::with_capacity(before.len().max(after.len())),
    };
    matching.join(|file| Some(hash_of(&file.path)));

    matching.join(|file| Some(hash_of((file.key?, file.whole))));
    matching.join(|file| Some(hash_of((file.key?, file.name()))));
    matching.join(|file| Some(hash_of((file.key?, file.known.as_ref()?.answer))));
    matching.join(|file| Some(hash_of(file.key?)));

    for test in [whole_test_id, test_without_parameters] {
        matching.join(|file| {
            let known = file.known.as_ref()?;
            Some(hash_of((test(file)?, known.family, known.asked, known.answer)))
        });
        matching.join(|file| {
            let known = file.known.as_ref()?;
            Some(hash_of((test(file)?, known.family, known.asked)))
        });
        matching.nearest(0, |file| Some(hash_of((test(file)?, file.known.as_ref()?.family))));
    }

    // A test that was renamed or moved.
    matching.join(|file| {
        let known = file.known.as_ref()?;
        Some(hash_of((known.family, known.asked, known.answer)))
    });
    matching.nearest(ALIKE, |file| match file.test_id() {
        Some(_) => None,
        None => Some(file.known.as_ref()?.family),
    });
    matching.finish()
}

fn whole_test_id(file: &Sketch) -> Option<&str> {
    file.test_id()
}

/// `path::test[parameters]` without the parameters. A bracket before the first `::` belongs to the path.
fn test_without_parameters(file: &Sketch) -> Option<&str> {
    let test_id = file.test_id()?;
    let names = test_id.find("::").unwrap_or(0);
    Some(test_id[names..].find('[').map_or(test_id, |bracket| &test_id[..names + bracket]))
}

struct Matching<'a> {
    sides: [&'a [Sketch]; 2],
    /// What has no partner yet, in order.
    free: [Vec<usize>; 2],
    pairs: Vec<Pair>,
}

impl Matching<'_> {
    /// Pairs what has the same value, in order of the paths.
    fn join(&mut self, value: impl Fn(&Sketch) -> Option<u64>) {
        if self.free.iter().any(Vec::is_empty) {
            return;
        }
        let [before, after] = self.sides;
        let mut by_value: HashMap<u64, VecDeque<usize>> = HashMap::with_capacity(self.free[0].len());
        for &index in &self.free[0] {
            if let Some(value) = value(&before[index]) {
                by_value.entry(value).or_default().push_back(index);
            }
        }
        let mut found = Vec::new();
        for &index in &self.free[1] {
            let partners = value(&after[index]).and_then(|value| by_value.get_mut(&value));
            if let Some(partner) = partners.and_then(VecDeque::pop_front) {
                found.push((partner, index));
            }
        }
        self.keep_pairs(&found);
    }

    /// Pairs in each group what is nearest.
    fn nearest(&mut self, floor: u32, group: impl Fn(&Sketch) -> Option<u64>) {
        let mut groups: HashMap<u64, [Vec<Member<'_>>; 2]> = HashMap::new();
        for side in [0, 1] {
            for &index in &self.free[side] {
                let file = &self.sides[side][index];
                if let (Some(group), Some(known)) = (group(file), &file.known) {
                    let (path, answer, words) = (file.path.as_str(), known.answer, &known.words);
                    groups.entry(group).or_default()[side].push(Member { index, path, answer, words });
                }
            }
        }
        let mut found = Vec::new();
        for [before, after] in groups.into_values() {
            if !before.is_empty() && !after.is_empty() {
                found.extend(nearest(&before, &after, floor));
            }
        }
        self.keep_pairs(&found);
    }

    fn keep_pairs(&mut self, found: &[(usize, usize)]) {
        for side in [0, 1] {
            let taken: std::collections::HashSet<usize> =
                found.iter().map(|pair| if side == 0 { pair.0 } else { pair.1 }).collect();
            self.free[side].retain(|index| !taken.contains(index));
        }
        self.pairs.extend(found.iter().map(|&(before, after)| Pair { before: Some(before), after: Some(after) }));
    }

    fn finish(mut self) -> Vec<Pair> {
        let [before, after] = &self.free;
        self.pairs.extend(before.iter().map(|&index| Pair { before: Some(index), after: None }));
        self.pairs.extend(after.iter().map(|&index| Pair { before: None, after: Some(index) }));
        self.pairs
    }
}
