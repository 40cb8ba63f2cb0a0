//! interim
use crate::generated::types;
use crate::validate::*;
use serde_json::{Map, Value};
pub struct Params {
    name: String,
    version: String,
    map: Map<String, Value>,
}
impl Params {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
    pub(crate) fn check(&self, input: &Input<'_>, options: &Options) -> Result<(), Violations> {
        check_urls(input, options)
    }
    pub(crate) fn into_parts(self) -> (String, String, Map<String, Value>) {
        (self.name, self.version, self.map)
    }
}
pub trait IntoParams {
    fn into_params(self) -> Result<Params, Violations>;
}
macro_rules! typed { ($($t:ident $n:literal)*) => {$(
  impl IntoParams for types::$t { fn into_params(self) -> Result<Params, Violations> {
    Ok(Params { name: $n.into(), version: "v1.0".into(), map: serde_json::to_value(self).unwrap().as_object().unwrap().clone() }) } }
  impl IntoParams for types::builder::$t { fn into_params(self) -> Result<Params, Violations> { types::$t::try_from(self).map_err(|e| Violations::from(Violation::new("/params".into(), Rule::Required, e.to_string())))?.into_params() } }
)*} }
typed! { AimodelParams "aimodel" AiproductParams "aiproduct" AiposeParams "aipose" ExpandimageParams "expandimage" RemoveBgParams "removeBG" VirtualtryonParams "virtualtryon" }
/// x
pub struct FreeParams {
    name: String,
    version: String,
    params: Map<String, Value>,
}
impl IntoParams for FreeParams {
    fn into_params(self) -> Result<Params, Violations> {
        Ok(Params {
            name: self.name,
            version: self.version,
            map: self.params,
        })
    }
}
