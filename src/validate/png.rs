//! What a PNG says of itself before its first pixel. Nothing is ever decoded.

use std::io::{self, Read};

use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;
use png::{ColorType, DecodeOptions, Decoded, StreamingDecoder, chunk};

/// How every PNG begins.
pub(crate) const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Signature and first chunk, which holds the dimensions.
const DIMENSIONS_END: usize = 33;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bits_per_pixel: usize,
    pub(crate) alpha: bool,
}

/// Reads up to the first image data. `None` if the bytes end or are damaged before that.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    read(bytes, |event| {
        matches!(event, Decoded::ChunkBegin(_, chunk::IDAT))
    })
}

/// Reads the first chunk alone, so that `alpha` does not know of a palette's.
pub(crate) fn dimensions(bytes: &[u8]) -> Option<Header> {
    let start = bytes.get(..DIMENSIONS_END).unwrap_or(bytes);
    read(start, |event| {
        matches!(event, Decoded::ChunkComplete(chunk::IHDR))
    })
}

/// Width and height of a PNG in base64, if its first bytes tell.
pub(crate) fn size_in_base64(text: &str) -> Option<(u32, u32)> {
    let mut start = [0; DIMENSIONS_END];
    let mut reader = DecoderReader::new(text.trim().as_bytes(), &STANDARD);
    reader.read_exact(&mut start).ok()?;
    dimensions(&start).map(|header| (header.width, header.height))
}

/// Why a text is not a PNG in base64, in the words of a message.
pub(crate) fn problem_in_base64(text: &str) -> Option<&'static str> {
    if text
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("data:"))
    {
        return Some("must be base64 alone: leave out `data:` and all up to the comma");
    }
    let mut reader = DecoderReader::new(text.as_bytes(), &STANDARD);
    let mut start = [0; SIGNATURE.len()];
    let begun = reader.read_exact(&mut start);
    if begun
        .as_ref()
        .is_err_and(|error| error.kind() != io::ErrorKind::UnexpectedEof)
        || io::copy(&mut reader, &mut io::sink()).is_err()
    {
        return Some("must be standard base64, padded and without line breaks");
    }
    (begun.is_err() || start != *SIGNATURE).then_some("must be the base64 of a PNG")
}

fn read(bytes: &[u8], is_enough: impl Fn(&Decoded) -> bool) -> Option<Header> {
    // Texts and colour profiles may be compressed, and a bomb of either is no mask's business.
    let mut options = DecodeOptions::default();
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = StreamingDecoder::new_with_options(options);
    let mut rest = bytes;
    while !rest.is_empty() {
        let (used, event) = decoder.update(rest, None).ok()?;
        rest = rest.get(used..)?;
        if is_enough(&event) {
            let info = decoder.info()?;
            let blends = matches!(info.color_type, ColorType::GrayscaleAlpha | ColorType::Rgba);
            return Some(Header {
                width: info.width,
                height: info.height,
                bits_per_pixel: info.bits_per_pixel(),
                alpha: blends || info.trns.is_some(),
            });
        }
    }
    None
}
