//! The emulator's pictures: real PNGs, from which one can tell agent, index and original.

use std::io::Cursor;

use axum::body::Bytes;
use image::{
    DynamicImage, ImageError, ImageFormat, ImageReader, Limits, Rgba, RgbaImage, imageops,
};

/// The longest side, in pixels, of an image that is taken in.
pub(super) const MAX_SIDE: u32 = 8192;
/// The most pixels of an image that is taken in: 64 megapixels would be a quarter gigabyte decoded.
const MAX_PIXELS: u64 = 32 << 20;

/// What to draw.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) agent: String,
    pub(super) index: usize,
    /// The original's file; none when the emulator does not hold it, for it never fetches anything.
    pub(super) original: Option<Bytes>,
    /// The caller's mask: what is opaque in it is protected.
    pub(super) mask: Option<Bytes>,
    pub(super) canvas: Option<Canvas>,
    pub(super) background: Option<[u8; 3]>,
}

/// Where `expandimage` puts the original.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) left: Option<u32>,
    pub(super) top: Option<u32>,
}

/// Draws `picture` as a PNG. CPU-bound.
pub(super) fn png(picture: &Picture) -> Result<Vec<u8>, ImageError> {
    let original = match &picture.original {
        Some(file) => decode(file)?.into_rgba8(),
        None => placeholder(picture.canvas),
    };
    let drawn = match (picture.agent.as_str(), picture.canvas) {
        ("expandimage", Some(canvas)) => expanded(&original, canvas, picture.index),
        ("removeBG", _) => {
            // A mask that cannot be read protects nothing in particular.
            let mask = picture.mask.as_ref().and_then(|file| decode(file).ok());
            without_background(
                original,
                mask.map(DynamicImage::into_rgba8),
                picture.background,
            )
        }
        _ => marked(original, &picture.agent, picture.index),
    };
    encode(drawn)
}

/// A flat picture, for presets.
pub(super) fn swatch(colour: [u8; 3]) -> Result<Vec<u8>, ImageError> {
    encode(RgbaImage::from_pixel(96, 96, opaque(colour)))
}

/// The size that a file's header claims, when it is an image within the limits.
pub(super) fn size(file: &[u8]) -> Result<(u32, u32), ImageError> {
    let (width, height) = ImageReader::new(Cursor::new(file))
        .with_guessed_format()?
        .into_dimensions()?;
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::Limits(image::error::LimitError::from_kind(
            image::error::LimitErrorKind::DimensionError,
        )));
    }
    Ok((width, height))
}

/// Decodes a file whose claimed size is within the limits. CPU-bound.
pub(super) fn decode(file: &[u8]) -> Result<DynamicImage, ImageError> {
    size(file)?;
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    // Sixteen bits a channel at the most, and as much again for the decoder's own needs.
    limits.max_alloc = Some(MAX_PIXELS * 16);
    reader.limits(limits);
    reader.decode()
}

fn encode(image: RgbaImage) -> Result<Vec<u8>, ImageError> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png)?;
    Ok(file.into_inner())
}

/// Stands for an original that the emulator does not hold: a disc on a plain ground.
fn placeholder(canvas: Option<Canvas>) -> RgbaImage {
    let (width, height) = canvas.map_or((256, 256), |canvas| {
        ((canvas.width / 2).max(1), (canvas.height / 2).max(1))
    });
    let radius = f64::from(width.min(height)) / 3.0;
    RgbaImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (
            f64::from(x) - f64::from(width) / 2.0,
            f64::from(y) - f64::from(height) / 2.0,
        );
        opaque(if dx.hypot(dy) < radius {
            [90, 110, 160]
        } else {
            [236, 236, 230]
        })
    })
}

fn expanded(original: &RgbaImage, canvas: Canvas, index: usize) -> RgbaImage {
    // Stripes whose colour goes with the index: plainly not part of the original.
    let [r, g, b] = tint(index);
    let mut drawn = RgbaImage::from_fn(canvas.width, canvas.height, |x, y| {
        if (x / 8 + y / 8) % 2 == 0 {
            opaque([r, g, b])
        } else {
            opaque([r / 2, g / 2, b / 2])
        }
    });
    let centred = |outer: u32, inner: u32| (i64::from(outer) - i64::from(inner)) / 2;
    let left = canvas
        .left
        .map_or(centred(canvas.width, original.width()), i64::from);
    let top = canvas
        .top
        .map_or(centred(canvas.height, original.height()), i64::from);
    imageops::replace(&mut drawn, original, left, top);
    drawn
}

/// Puts `background` (nothing, when none) behind the subject.
fn without_background(
    mut image: RgbaImage,
    mask: Option<RgbaImage>,
    background: Option<[u8; 3]>,
) -> RgbaImage {
    let behind = background.map_or(Rgba([0, 0, 0, 0]), opaque);
    match mask.filter(|mask| mask.dimensions() == image.dimensions()) {
        Some(mask) => {
            for (pixel, mask) in image.pixels_mut().zip(mask.pixels()) {
                if mask.0[3] == 0 {
                    *pixel = behind;
                }
            }
        }
        None => flood(&mut image, behind),
    }
    image
}

/// Paints all that is connected with the border and of the corner's colour, give or take.
fn flood(image: &mut RgbaImage, behind: Rgba<u8>) {
    const TOLERANCE: u8 = 24;
    let (width, height) = image.dimensions();
    let ground = *image.get_pixel(0, 0);
    let alike = |pixel: &Rgba<u8>| {
        pixel
            .0
            .iter()
            .zip(ground.0)
            .all(|(a, b)| a.abs_diff(b) <= TOLERANCE)
    };
    let mut seen = vec![false; width as usize * height as usize];
    let mut next: Vec<(u32, u32)> = Vec::new();
    let border = (0..width).flat_map(|x| [(x, 0), (x, height - 1)]);
    let mut around: Vec<_> = border
        .chain((0..height).flat_map(|y| [(0, y), (width - 1, y)]))
        .collect();
    loop {
        // Each pixel is put down once at the most, which bounds what is put down altogether.
        for (x, y) in around.drain(..) {
            let seen = &mut seen[y as usize * width as usize + x as usize];
            if !std::mem::replace(seen, true) && alike(image.get_pixel(x, y)) {
                next.push((x, y));
            }
        }
        let Some((x, y)) = next.pop() else { return };
        image.put_pixel(x, y, behind);
        around.extend(x.checked_sub(1).map(|x| (x, y)));
        around.extend(y.checked_sub(1).map(|y| (x, y)));
        around.extend((x + 1 < width).then_some((x + 1, y)));
        around.extend((y + 1 < height).then_some((x, y + 1)));
    }
}

/// A square of the agent's colour in the upper left corner, and in it a white field for each image so far.
fn marked(mut image: RgbaImage, agent: &str, index: usize) -> RgbaImage {
    let side = (image.width().min(image.height()) / 4).clamp(1, 64);
    let colour = opaque(agent_colour(agent));
    for y in 0..side {
        for x in 0..side {
            // Six by six fields, whose inner sixteen stand for the most images a batch can have.
            let (column, row) = (x * 6 / side, y * 6 / side);
            let inner = (1..5).contains(&column) && (1..5).contains(&row);
            let white = inner && (row - 1) * 4 + (column - 1) <= index as u32 % 16;
            image.put_pixel(x, y, if white { opaque([255; 3]) } else { colour });
        }
    }
    image
}

/// The colour of an agent's mark.
pub(super) fn agent_colour(agent: &str) -> [u8; 3] {
    match agent {
        "virtualtryon" => [200, 30, 90],
        "aimodel" => [30, 90, 200],
        "aiproduct" => [20, 140, 60],
        "aipose" => [200, 120, 10],
        _ => [110, 60, 170],
    }
}

fn tint(index: usize) -> [u8; 3] {
    let step = (index % 16) as u8;
    [90 + 10 * step, 150, 240 - 10 * step]
}

fn opaque([r, g, b]: [u8; 3]) -> Rgba<u8> {
    Rgba([r, g, b, 255])
}
