//! A run's life: which state it is in, and which images it has, at any age.
//!
//! A life is laid down when the run is submitted and only read afterwards, so a poll costs no timer.

use std::time::Duration;

/// The states of one run and the instants at which its images appear, counted from its submission.
#[derive(Clone, Debug)]
pub(super) struct Life {
    /// Each state and the age at which it ends.
    stages: Vec<(String, Duration)>,
    end: String,
    images: Vec<Image>,
}

/// One image of a batch.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) at: Duration,
    pub(super) status: String,
}

impl Life {
    /// The usual life over `time`: a tenth `Pending`, to a quarter `Segmenting`, then `Running`, during
    /// which `images` images appear one after another, the last one with `Success`.
    pub(super) fn usual(time: Duration, images: u32) -> Self {
        let pending = time / 10;
        let segmenting = time / 4;
        let each = (time - segmenting) / images.max(1);
        Self {
            stages: vec![
                ("Pending".into(), pending),
                ("Segmenting".into(), segmenting),
                ("Running".into(), time),
            ],
            end: "Success".into(),
            images: (1..=images)
                .map(|n| Image {
                    at: if n == images {
                        time
                    } else {
                        segmenting + each * n
                    },
                    status: "Success".into(),
                })
                .collect(),
        }
    }

    /// The state at `age`.
    pub(super) fn status(&self, age: Duration) -> &str {
        self.stages
            .iter()
            .find(|(_, ends)| age < *ends)
            .map_or(&self.end, |(status, _)| status)
    }

    /// The images that exist at `age`, each with its place in the batch.
    pub(super) fn images(&self, age: Duration) -> impl Iterator<Item = (usize, &Image)> {
        self.images
            .iter()
            .enumerate()
            .filter(move |(_, image)| image.at <= age)
    }
}
