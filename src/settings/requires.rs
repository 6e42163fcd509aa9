//! Which openai SDK the releases of OGX go with, from the metadata of their wheels on PyPI (read 2026-11-25).

use crate::recording::layouts::Layout;
use crate::recording::version::Version;

/// The first release of OGX with a requirement, the last one with it, and the oldest openai SDK that it allows.
/// `llama-stack` 0.4 to 0.7 requires the same as OGX 0.7. OGX 1.2.5 changed the rules of keys, so releases from there on
/// are not inferred from a 2.x SDK.
const REQUIRES: [(Version, Version, Version); 4] = [
    (Version::new(0, 0, 0), Version::new(0, 7, 1), Version::new(2, 5, 0)),
    (Version::new(0, 8, 0), Version::new(1, 0, 4), Version::new(2, 30, 0)),
    (Version::new(1, 1, 0), Version::new(1, 2, 4), Version::new(2, 41, 0)),
    (Version::new(1, 5, 0), Version::new(1, 5, 0), Version::new(3, 0, 0)),
];

/// The oldest openai SDK that a release of OGX allows.
pub fn oldest_sdk(ogx: Version) -> Version {
    let rows = REQUIRES.iter().rev();
    rows.clone().find(|(first, _, _)| *first <= ogx).map_or(REQUIRES[0].2, |(_, _, openai)| *openai)
}

/// The openai SDK that a release of OGX has when nothing names one: the newest for the newest requirement, since that is
/// what an installation gets; else the oldest allowed, since newer ones may not have existed.
pub fn sdk_for(ogx: Version) -> Version {
    let oldest = oldest_sdk(ogx);
    if oldest == REQUIRES[REQUIRES.len() - 1].2 { Layout::NEWEST.version() } else { oldest }
}

/// The release of OGX that goes with an openai SDK if none is given: the newest one for which this SDK is typical.
pub fn ogx_for(openai: Version) -> Version {
    let row = REQUIRES.iter().rev().find(|(_, _, oldest)| *oldest <= openai);
    row.map_or(REQUIRES[0].1, |(_, last, _)| *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_inferred_from_the_other() {
        let version = |text: &str| text.parse::<Version>().expect("a version");
        for (openai, ogx) in [
            ("1.99.0", "0.7.1"),
            ("2.5.0", "0.7.1"),
            ("2.30.0", "1.0.4"),
            ("2.54.0", "1.2.4"),
            ("3.0.0", "1.5.0"),
            ("4.0.0", "1.5.0"),
        ] {
            assert_eq!(ogx_for(version(openai)), version(ogx), "{openai}");
        }
        for (ogx, openai) in
            [("0.2.0", "2.5.0"), ("0.7.1", "2.5.0"), ("0.8.0", "2.30.0"), ("1.2.5", "2.41.0"), ("1.4.1", "2.41.0")]
        {
            assert_eq!(sdk_for(version(ogx)), version(openai), "{ogx}");
        }
        assert_eq!(sdk_for(version("1.5.0")), Layout::NEWEST.version());
        assert_eq!(sdk_for(version("2.0.0")), Layout::NEWEST.version());
        assert_eq!(oldest_sdk(version("1.5.0")), version("3.0.0"));
    }
}
