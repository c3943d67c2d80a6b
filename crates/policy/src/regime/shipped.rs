//! The regimes that come with Cordon. A deployment cannot replace them, only add to them.

/// A regime as text.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its id.
    pub id: &'static str,
    /// The name of its data file, for messages.
    pub file: &'static str,
    /// Its data.
    pub data: &'static str,
    /// Its floor: what law forbids.
    pub floor: &'static str,
    /// What the promise asks beyond the law.
    pub oversight: &'static str,
}

macro_rules! shipped {
    ($id:literal) => {
        Shipped {
            id: $id,
            file: concat!("policies/regimes/", $id, "/regime.yaml"),
            data: include_str!(concat!(
                "../../../../policies/regimes/",
                $id,
                "/regime.yaml"
            )),
            floor: include_str!(concat!(
                "../../../../policies/regimes/",
                $id,
                "/floor.cedar"
            )),
            oversight: include_str!(concat!(
                "../../../../policies/regimes/",
                $id,
                "/oversight.cedar"
            )),
        }
    };
}

/// All regimes that come with Cordon.
pub const SHIPPED: &[Shipped] = &[
    shipped!("us-dsp"),
    shipped!("eu-clover"),
    shipped!("us-project-texas"),
];
