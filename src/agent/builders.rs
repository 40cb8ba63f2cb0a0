//! Parameters and their builders as [`IntoParams`].
//!
//! A generated builder stops at the first field that it lacks. To name *all* that is wrong, a lacking
//! field gets a stand-in so that the builder finishes; the stand-in is taken out of the JSON again,
//! and the check, which sees every field, finds it missing along with everything else.

use super::{Agent, IntoParams, Params, sealed};
use crate::agents;
use crate::generated::types::{self, builder, error::ConversionError};
use crate::validate::facts::Facts;
use crate::validate::{Rule, Spec, Violation, Violations};

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
    let mut lacking: Vec<String> = Vec::new();
    let params = loop {
        let error = match A::try_from(builder.clone()) {
            Ok(params) => break params,
            Err(error) => error.to_string(),
        };
        // A field that has got its stand-in cannot be lacking again.
        let field = lacking_field(&error).filter(|field| !lacking.iter().any(|had| had == field));
        let filled = field.and_then(|field| stand_in(builder.clone(), field));
        match (field, filled) {
            (Some(field), Some(filled)) => {
                builder = filled;
                lacking.push(field.to_owned());
            }
            _ => return Err(refused(A::SPEC, &error)),
        }
    };
    let mut params = Params::of(&params)?;
    for field in lacking {
        params.values.remove(&wire_name(A::SPEC, &field));
    }
    Ok(params)
}

fn lacking_field(error: &str) -> Option<&str> {
    error.strip_prefix("no value supplied for ")
}

/// The builder's own words, when they are about a single value.
fn refused(spec: &Spec, error: &str) -> Violations {
    if let Some(field) = lacking_field(error) {
        let name = wire_name(spec, field);
        let message = format!("`{name}` is required");
        return Violation::new(format!("/params/{name}"), Rule::Required, message).into();
    }
    let field = error
        .strip_prefix("error converting supplied value for ")
        .and_then(|rest| rest.split_once(':'))
        .map(|(field, _)| wire_name(spec, field));
    match field {
        Some(name) => {
            let message = format!("`{name}` has a value that cannot be converted");
            Violation::new(format!("/params/{name}"), Rule::Type, message).into()
        }
        None => {
            let message = "`params` has a value that cannot be converted".to_owned();
            Violation::new("/params".to_owned(), Rule::Type, message).into()
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
