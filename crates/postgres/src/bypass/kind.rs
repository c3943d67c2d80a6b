//! The ways around the gate that can be told from inside a server, each by a short name that stays.

use std::fmt;

macro_rules! kinds {
    ($($variant:ident, $name:literal, $meaning:literal;)*) => {
        /// A way around the gate, or something that weakens it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = $meaning] $variant,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in output, reports and documents.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in one line.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

kinds! {
    AccountPower, "account-power", "the gateway's account has an attribute that it does not need";
    AccountMember, "account-member", "the gateway's account is a member of another role";
    AccountShared, "account-shared", "another role can act as the gateway's account";
    AccountOwns, "account-owns", "the gateway's account owns governed data";
    AccountReadsMore, "account-reads-more", "the gateway's account can read what the catalogue does not label";
    AccountReadsLess, "account-reads-less", "the gateway's account cannot read what the catalogue labels";
    RoleSuperuser, "role-superuser", "somebody can log in, or act, as a superuser";
    RoleReplication, "role-replication", "somebody can copy the whole server as a replica does";
    RoleMakesRoles, "role-makes-roles", "somebody can give roles to themselves";
    RoleReadsAll, "role-reads-all", "somebody can read every table";
    RoleServerFiles, "role-server-files", "somebody can read the server's files or run programs there";
    RoleOwner, "role-owner", "somebody can act as the owner of governed data";
    RoleGrant, "role-grant", "somebody was granted governed data past the gate";
    RoleTrigger, "role-trigger", "somebody can attach code to governed tables that sees their rows";
    PublicGrant, "public-grant", "everybody was granted governed data past the gate";
    ViewGrant, "view-grant", "a view over governed data is granted past the gate";
    DefaultGrant, "default-grant", "tables that will be made are granted to others by default";
    PublicDefiner, "public-definer", "everybody can call a function that runs with its owner's rights";
    PublicFunction, "public-function", "everybody can call functions that run text as SQL or leave the database";
    PublicTemporary, "public-temporary", "everybody can make temporary tables, which can copy and shadow";
    PublicCreate, "public-create", "everybody can make objects that others may take for their own";
    ExtensionCode, "extension-code", "an extension or language runs code on the server or reaches other servers";
    ForeignServer, "foreign-server", "the database reaches another server, where data can go";
    Publication, "publication", "governed data is published to subscribers";
    ReplicationSlot, "replication-slot", "a replication slot hands changes of governed data out";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
