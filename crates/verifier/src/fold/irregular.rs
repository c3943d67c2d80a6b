//! The code of each irregularity that the fold over an access log reports.

use record::Irregular;

use crate::Code;

pub(super) const fn code_of(irregular: &Irregular) -> Code {
    match irregular {
        Irregular::Index { .. } => Code::WrongIndex,
        Irregular::NotHere(_) | Irregular::OtherLog { .. } => Code::WrongLog,
        Irregular::NotStarted | Irregular::Stopped => Code::NotStarted,
        Irregular::NotClean { .. } => Code::WrongStart,
        Irregular::EvaluationMark => Code::EvaluationChanged,
        Irregular::ControlShrank { .. } => Code::ControlShrank,
        Irregular::OtherState { .. } => Code::StateContradicted,
        Irregular::SessionNumber { .. } => Code::SessionGap,
        Irregular::NoSession(_) => Code::SessionUnknown,
        Irregular::SessionsLeftOpen(_) => Code::SessionLeftOpen,
        Irregular::Number { .. } => Code::StatementGap,
        Irregular::Nothing | Irregular::HalfNumbered => Code::NumberMalformed,
        Irregular::Counts(_) => Code::CountContradicted,
        Irregular::UnknownSchema(_) => Code::SchemaUnknown,
        Irregular::NoDecision { .. } => Code::DecisionAbsent,
        Irregular::ReservationShrank { .. } => Code::ReservationShrank,
        Irregular::MoreThanReserved { .. } => Code::OverReleased,
    }
}
