//! The content encoding of a reply, taken off piece by piece.

use std::io::{self, Write as _};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::HeaderValue;

/// What a request says that it takes.
pub const ACCEPTED: &str = "gzip, deflate";

/// So many bytes are taken apart at once: they hold 4 MiB at most, as deflate makes a thousandth of a text and no less.
const FED_AT_ONCE: usize = 4 << 10;

/// Takes an encoding off.
pub struct ContentDecoder {
    kind: Encoding,
    /// Nothing came yet: a reply without a body has no encoded text either.
    is_empty: bool,
}

enum Encoding {
    Identity,
    Gzip(MultiGzDecoder<Vec<u8>>),
    /// Which of the two forms of deflate it is shows in the first byte.
    Deflate,
    Zlib(ZlibDecoder<Vec<u8>>),
    Raw(DeflateDecoder<Vec<u8>>),
}

impl ContentDecoder {
    /// The decoder for all `Content-Encoding` headers of a reply, each of which may be a list.
    ///
    /// # Errors
    ///
    /// What the headers say, if that is more than one encoding or one that is not known.
    pub fn of_all<'h>(headers: impl IntoIterator<Item = &'h HeaderValue>) -> Result<Self, String> {
        let names: Vec<_> = headers.into_iter().map(|name| String::from_utf8_lossy(name.as_bytes())).collect();
        let names = names.join(", ");
        let mut encodings = names.split(',').map(str::trim);
        let is_encoding = |name: &&str| !name.is_empty() && !name.eq_ignore_ascii_case("identity");
        match (encodings.find(is_encoding), encodings.find(is_encoding)) {
            (Some(_), Some(_)) => Err(names),
            (one, _) => ContentDecoder::of(one),
        }
    }

    /// The decoder for one content coding, whose case does not count.
    ///
    /// # Errors
    ///
    /// The name of an encoding that was not asked for and is not known.
    pub fn of(name: Option<&str>) -> Result<Self, String> {
        let name = name.unwrap_or("").trim().to_ascii_lowercase();
        let kind = match name.as_str() {
            "" | "identity" => Encoding::Identity,
            "gzip" | "x-gzip" => Encoding::Gzip(MultiGzDecoder::new(vec![])),
            "deflate" => Encoding::Deflate,
            _ => return Err(name),
        };
        Ok(ContentDecoder { kind, is_empty: true })
    }

    /// Takes the next bytes and gives what they hold to `take`, a little at a time: a small piece may hold a thousand times
    /// its size, and `take` ends it by an error once it has enough.
    ///
    /// # Errors
    ///
    /// What `broken` makes of bytes that are not of the encoding, and what `take` says.
    pub fn feed<E>(
        &mut self,
        bytes: &[u8],
        broken: impl Fn(io::Error) -> E,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.is_empty &= bytes.is_empty();
        if let (Encoding::Deflate, Some(first)) = (&self.kind, bytes.first()) {
            // A zlib header names deflate in its low half byte; httpx tells the two forms apart the same way.
            let is_zlib = first & 0x0f == 8;
            self.kind = if is_zlib {
                Encoding::Zlib(ZlibDecoder::new(vec![]))
            } else {
                Encoding::Raw(DeflateDecoder::new(vec![]))
            };
        }
        if matches!(self.kind, Encoding::Identity | Encoding::Deflate) {
            return take(bytes);
        }
        for slice in bytes.chunks(FED_AT_ONCE) {
            let decoded = match &mut self.kind {
                Encoding::Identity | Encoding::Deflate => continue,
                Encoding::Gzip(decoder) => {
                    decoder.write_all(slice).and_then(|()| decoder.flush()).map(|()| decoder.get_mut())
                }
                Encoding::Zlib(decoder) => {
                    decoder.write_all(slice).and_then(|()| decoder.flush()).map(|()| decoder.get_mut())
                }
                Encoding::Raw(decoder) => {
                    decoder.write_all(slice).and_then(|()| decoder.flush()).map(|()| decoder.get_mut())
                }
            };
            let decoded = decoded.map_err(&broken)?;
            let given = take(decoded);
            decoded.clear();
            given?;
        }
        Ok(())
    }

    /// Sees that the encoded text has ended, and gives what was still to come.
    ///
    /// # Errors
    ///
    /// When it has not.
    pub fn finish(&mut self) -> io::Result<Vec<u8>> {
        if self.is_empty {
            return Ok(vec![]);
        }
        match &mut self.kind {
            Encoding::Identity | Encoding::Deflate => return Ok(vec![]),
            Encoding::Gzip(decoder) => decoder.try_finish()?,
            Encoding::Zlib(decoder) => decoder.try_finish()?,
            Encoding::Raw(decoder) => decoder.try_finish()?,
        }
        Ok(match &mut self.kind {
            Encoding::Identity | Encoding::Deflate => vec![],
            Encoding::Gzip(decoder) => std::mem::take(decoder.get_mut()),
            Encoding::Zlib(decoder) => std::mem::take(decoder.get_mut()),
            Encoding::Raw(decoder) => std::mem::take(decoder.get_mut()),
        })
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn feed(decoder: &mut ContentDecoder, bytes: &[u8], found: &mut Vec<u8>) -> Result<(), String> {
        decoder.feed(
            bytes,
            |error| error.to_string(),
            |decoded| {
                found.extend(decoded);
                Ok(())
            },
        )
    }

    #[test]
    fn a_bomb_is_given_out_in_small_parts_and_ends_when_enough_was_taken() {
        let mut gzip = GzEncoder::new(vec![], Compression::best());
        let zeros = vec![0; 1 << 20];
        (0..64).for_each(|_| gzip.write_all(&zeros).unwrap());
        let bomb = gzip.finish().unwrap();
        let (mut size, mut largest) = (0, 0);
        let taken = ContentDecoder::of(Some("gzip")).unwrap().feed(
            &bomb,
            |error| error.to_string(),
            |decoded| {
                (size, largest) = (size + decoded.len(), largest.max(decoded.len()));
                if size > 16 << 20 { Err("enough".to_owned()) } else { Ok(()) }
            },
        );
        assert_eq!(taken, Err("enough".to_owned()));
        assert!(size < 24 << 20 && largest <= 5 << 20, "{size} {largest}");
    }

    #[test]
    fn encodings_are_taken_off_whatever_their_case_and_the_cuts() {
        let text = "a text that is a little longer, a text that is a little longer".as_bytes();
        let (mut gzip, mut zlib, mut raw) = (
            GzEncoder::new(vec![], Compression::default()),
            ZlibEncoder::new(vec![], Compression::default()),
            DeflateEncoder::new(vec![], Compression::default()),
        );
        gzip.write_all(text).unwrap();
        zlib.write_all(text).unwrap();
        raw.write_all(text).unwrap();
        let (gzip, zlib, raw) = (gzip.finish().unwrap(), zlib.finish().unwrap(), raw.finish().unwrap());
        for (name, bytes) in [
            (None, text),
            (Some("identity"), text),
            (Some("gzip"), gzip.as_slice()),
            (Some("GZip"), &gzip),
            (Some(" x-gzip "), &gzip),
            (Some("deflate"), &zlib),
            (Some("DEFLATE"), &raw),
        ] {
            for size in [1, 7, 1000] {
                let mut decoder = ContentDecoder::of(name).unwrap();
                let mut found = Vec::new();
                for piece in bytes.chunks(size) {
                    feed(&mut decoder, piece, &mut found).unwrap();
                }
                found.extend(decoder.finish().unwrap());
                assert_eq!(found, text, "{name:?} {size}");
            }
            if name.is_some_and(|name| name != "identity") {
                let mut decoder = ContentDecoder::of(name).unwrap();
                let fed = feed(&mut decoder, &bytes[..bytes.len() - 9], &mut vec![]);
                assert!(fed.is_err() || decoder.finish().is_err(), "{name:?} cut");
            }
        }
        assert_eq!(ContentDecoder::of(Some("BR")).err().as_deref(), Some("br"));
        for (headers, error) in [
            (&["identity, gzip"][..], None),
            (&["GZip", "identity", ""], None),
            (&["identity", "br"], Some("br")),
            (&["gzip, gzip"], Some("gzip, gzip")),
            (&["gzip", "deflate"], Some("gzip, deflate")),
        ] {
            let headers: Vec<HeaderValue> = headers.iter().map(|name| HeaderValue::from_static(name)).collect();
            assert_eq!(ContentDecoder::of_all(&headers).err().as_deref(), error, "{headers:?}");
        }
    }
}
