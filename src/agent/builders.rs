//! Parameters and their builders as [`IntoParams`].
//!
//! A generated builder stops at the first field that it lacks or could not convert. To name *all* that
//! is wrong, such a field gets a stand-in so that the builder finishes; the stand-in is taken out of the
//! JSON again, and the check, which sees every field, finds it missing along with everything else. Only
//! required fields have stand-ins: into an optional one goes nothing that needs converting, unless the
//! caller wrote the conversion.

use super::{Agent, IntoParams, Params, sealed};
use crate::agents;
use crate::generated::types::{self, builder, error::ConversionError};
use crate::validate::facts::Facts;
use crate::validate::{self, Rule, Spec, Violation, Violations};

macro_rules! agent {
    ($params:ident, $spec:path, $($field:ident: $stand_in:expr),+) => {
        impl sealed::Sealed for types::$params {}

        impl Agent for types::$params {
            const SPEC: &'static Spec = &$spec;
        }

        impl IntoParams for types::$params {
            fn into_params(self) -> Result<Params, Violations> {
                Params::of(&self)
            }
        }

        impl IntoParams for &types::$params {
            fn into_params(self) -> Result<Params, Violations> {
                Params::of(self)
            }
        }

        impl IntoParams for builder::$params {
            fn into_params(self) -> Result<Params, Violations> {
                finish::<Self, types::$params>(self, |builder, lacking| match lacking {
                    $(stringify!($field) => Some(builder.$field($stand_in)),)+
                    _ => None,
                })
            }
        }
    };
}

agent!(
    AimodelParams, agents::aimodel::SPEC,
    generated_content: types::GeneratedContent::FreeCreation,
    mask_type: types::MaskType::Custom
);
agent!(
    AiproductParams, agents::aiproduct::SPEC,
    generated_content: types::GeneratedContent::FreeCreation,
    mask_type: types::SubjectMaskType::Custom
);
agent!(AiposeParams, agents::aipose::SPEC, text_description: String::new());
agent!(ExpandimageParams, agents::expandimage::SPEC, target_width: 0, target_height: 0);
agent!(RemoveBgParams, agents::removebg::SPEC, mask_type: types::SubjectMaskType::Custom);
agent!(
    VirtualtryonParams, agents::virtualtryon::SPEC,
    generate_version: types::VirtualtryonVersion::WeshopFlash,
    description_type: types::DescriptionType::Auto
);

fn finish<B, A>(
    mut builder: B,
    stand_in: impl Fn(B, &str) -> Option<B>,
) -> Result<Params, Violations>
where
    B: Clone,
    A: Agent + TryFrom<B, Error = ConversionError>,
{
    let mut troubles: Vec<Trouble> = Vec::new();
    let params = loop {
        let error = match A::try_from(builder.clone()) {
            Ok(params) => break params,
            Err(error) => error.to_string(),
        };
        // A field that has got its stand-in cannot be in trouble again.
        let trouble = Trouble::read(&error)
            .filter(|trouble| troubles.iter().all(|had| had.field != trouble.field));
        let filled = trouble
            .as_ref()
            .and_then(|trouble| stand_in(builder.clone(), &trouble.field));
        match (trouble, filled) {
            (Some(trouble), Some(filled)) => {
                builder = filled;
                troubles.push(trouble);
            }
            (Some(trouble), None) => return Err(trouble.violation(A::SPEC).into()),
            (None, _) => {
                let message = "`params` has a value that cannot be converted".to_owned();
                return Err(Violation::new("/params".to_owned(), Rule::Type, message).into());
            }
        }
    };
    let mut params = Params::of(&params)?;
    for trouble in troubles {
        params.values.remove(&wire_name(A::SPEC, &trouble.field));
        if !trouble.lacking {
            params.refused.push(trouble.violation(A::SPEC));
        }
    }
    Ok(params)
}

/// A field that keeps a builder from finishing.
struct Trouble {
    field: String,
    /// It was not given at all.
    lacking: bool,
}

impl Trouble {
    /// Reads the builder's own words.
    fn read(error: &str) -> Option<Self> {
        let lacking = error.strip_prefix("no value supplied for ");
        let (field, lacking) = match lacking {
            Some(field) => (field, true),
            None => {
                let rest = error.strip_prefix("error converting supplied value for ")?;
                (rest.split_once(':')?.0, false)
            }
        };
        Some(Self {
            field: field.to_owned(),
            lacking,
        })
    }

    fn violation(&self, spec: &Spec) -> Violation {
        let name = wire_name(spec, &self.field);
        let pointer = format!("/params/{name}");
        let schema = Facts::vendored().schema(spec.params_schema());
        match schema.and_then(|schema| schema.field(&name)) {
            Some(field) if !self.lacking => validate::unconvertible(field, pointer),
            _ => Violation::new(pointer, Rule::Required, format!("`{name}` is required")),
        }
    }
}

fn wire_name(spec: &Spec, field: &str) -> String {
    let schema = Facts::vendored().schema(spec.params_schema());
    schema
        .and_then(|schema| schema.meant(field))
        .unwrap_or(field)
        .to_owned()
}
