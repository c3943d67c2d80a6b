//! What can be done with data, as policies name it.

crate::label::words! {
    /// The actions of design.md section 7. Seeing is asked per field ([`Action::ViewClear`],
    /// [`Action::ViewMasked`]) and per row ([`Action::ViewRow`]), the rest per dataset and
    /// residency.
    Action, "action" {
        /// See a field's value.
        ViewClear = "view_clear",
        /// See a field's mask.
        ViewMasked = "view_masked",
        /// Know that a row exists.
        ViewRow = "view_row",
        /// Count and sum over groups.
        Aggregate = "aggregate",
        /// Take out as a file.
        Export = "export",
        /// Train a model.
        Train = "train",
        /// Copy to another store.
        Copy = "copy",
        /// Erase a subject's data.
        Erase = "erase",
        /// Insert, update, delete.
        Write = "write",
    }
}

impl Action {
    /// Whether the action is asked for a field rather than for rows.
    pub const fn is_per_field(self) -> bool {
        matches!(self, Self::ViewClear | Self::ViewMasked)
    }
}
