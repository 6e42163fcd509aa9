//! Which requests of a group are nearest to each other, by the words they share.
//!
//! A request is the set of its words and values, of which a small sample is compared, so that long prompts cost no more
//! than short ones. In a large group only those that share a rare word are compared.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::sketch::SAMPLE;

/// A file of the group.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) index: usize,
    pub(super) path: &'a str,
    pub(super) answer: u64,
    pub(super) words: &'a [u64],
}

/// Up to this many pairs, all are compared.
const ALL_PAIRS: usize = 1 << 16;
/// In a larger group, a word in more files than this says nothing.
const RARE: usize = 64;
/// In a larger group, each file is compared with this many.
const CANDIDATES: usize = 8;

/// Pairs the most similar items, each once. Items below `floor` percent of similarity are not paired; 0 pairs all.
pub(super) fn nearest(before: &[Member<'_>], after: &[Member<'_>], floor: u32) -> Vec<(usize, usize)> {
    let pairs: Vec<(usize, usize)> = if before.len().saturating_mul(after.len()) <= ALL_PAIRS {
        (0..before.len()).flat_map(|a| (0..after.len()).map(move |b| (a, b))).collect()
    } else {
        let there = candidates(before, after);
        let back = candidates(after, before).into_iter().map(|(b, a)| (a, b));
        there.into_iter().chain(back).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let mut ranked: Vec<_> = pairs
        .into_par_iter()
        .map(|(a, b)| {
            let other_answer = before[a].answer != after[b].answer;
            let (x, y) = (before[a].path, after[b].path);
            // By name in the end, whichever side is first, so that swapped sides give the same pairs.
            (Reverse(likeness(before[a].words, after[b].words)), other_answer, x.min(y), x.max(y), a, b)
        })
        .filter(|(Reverse(likeness), ..)| *likeness >= floor * 100)
        .collect();
    ranked.par_sort_unstable();

    let (mut free_before, mut free_after) = (vec![true; before.len()], vec![true; after.len()]);
    let mut found = Vec::new();
    for (.., a, b) in ranked {
        if free_before[a] && free_after[b] {
            (free_before[a], free_after[b]) = (false, false);
            found.push((before[a].index, after[b].index));
        }
    }
    if floor == 0 {
        let rest = |members: &[Member<'_>], free: &[bool]| -> Vec<usize> {
            members.iter().zip(free).filter(|(_, free)| **free).map(|(member, _)| member.index).collect()
        };
        found.extend(rest(before, &free_before).into_iter().zip(rest(after, &free_after)));
    }
    found
}

/// For each of `from` those of `to` that share most rare words with it.
fn candidates(from: &[Member<'_>], to: &[Member<'_>]) -> Vec<(usize, usize)> {
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, member) in to.iter().enumerate() {
        for word in member.words {
            let holders = holders.entry(*word).or_default();
            // One more tells that it is not rare.
            if holders.len() <= RARE {
                holders.push(index);
            }
        }
    }
    let of = |(index, member): (usize, &Member<'_>)| {
        let mut shared: HashMap<usize, u32> = HashMap::new();
        for holders in member.words.iter().filter_map(|word| holders.get(word)).filter(|holders| holders.len() <= RARE)
        {
            holders.iter().for_each(|holder| *shared.entry(*holder).or_default() += 1);
        }
        let mut best: Vec<_> = shared.into_iter().map(|(holder, count)| (Reverse(count), holder)).collect();
        best.sort_unstable();
        best.into_iter().take(CANDIDATES).map(move |(_, holder)| (index, holder)).collect::<Vec<_>>()
    };
    from.par_iter().enumerate().flat_map_iter(of).collect()
}

/// How much two samples have in common, in ten-thousandths: that of the sets, estimated from their smallest members.
fn likeness(a: &[u64], b: &[u64]) -> u32 {
    let (mut i, mut j, mut union, mut shared) = (0, 0, 0u32, 0u32);
    while union < SAMPLE as u32 && (i < a.len() || j < b.len()) {
        let (x, y) = (a.get(i), b.get(j));
        match (x, y) {
            (Some(x), Some(y)) if x == y => (i, j, shared) = (i + 1, j + 1, shared + 1),
            (Some(x), Some(y)) if x < y => i += 1,
            (Some(_), None) => i += 1,
            _ => j += 1,
        }
        union += 1;
    }
    (shared * 10_000).checked_div(union).unwrap_or(10_000)
}
