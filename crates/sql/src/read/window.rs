//! Windows and their frames.

use pg_query::NodeEnum;
use pg_query::protobuf::{Node, WindowDef};

use super::reader::{Reader, absent, present, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Frame, FrameBound, FrameExclusion, FrameUnit, Over, WindowSpec};

// The bits of PostgreSQL's src/include/nodes/parsenodes.h.
const NONDEFAULT: i32 = 0x00001;
const RANGE: i32 = 0x00002;
const ROWS: i32 = 0x00004;
const GROUPS: i32 = 0x00008;
const BETWEEN: i32 = 0x00010;
const START_UNBOUNDED_PRECEDING: i32 = 0x00020;
const END_UNBOUNDED_FOLLOWING: i32 = 0x00100;
const START_CURRENT_ROW: i32 = 0x00200;
const END_CURRENT_ROW: i32 = 0x00400;
const START_OFFSET_PRECEDING: i32 = 0x00800;
const END_OFFSET_PRECEDING: i32 = 0x01000;
const START_OFFSET_FOLLOWING: i32 = 0x02000;
const END_OFFSET_FOLLOWING: i32 = 0x04000;
const EXCLUDE_CURRENT_ROW: i32 = 0x08000;
const EXCLUDE_GROUP: i32 = 0x10000;
const EXCLUDE_TIES: i32 = 0x20000;

const UNITS: i32 = RANGE | ROWS | GROUPS;
const STARTS: i32 =
    START_UNBOUNDED_PRECEDING | START_CURRENT_ROW | START_OFFSET_PRECEDING | START_OFFSET_FOLLOWING;
const ENDS: i32 =
    END_UNBOUNDED_FOLLOWING | END_CURRENT_ROW | END_OFFSET_PRECEDING | END_OFFSET_FOLLOWING;
const EXCLUSIONS: i32 = EXCLUDE_CURRENT_ROW | EXCLUDE_GROUP | EXCLUDE_TIES;
const KNOWN: i32 = NONDEFAULT | BETWEEN | UNITS | STARTS | ENDS | EXCLUSIONS;
const DEFAULTS: i32 = RANGE | START_UNBOUNDED_PRECEDING | END_CURRENT_ROW;

/// A window before it is known whether it stands in `OVER` or in `WINDOW`.
struct Window {
    name: Option<String>,
    spec: WindowSpec,
    at: i32,
}

impl Reader<'_> {
    /// `WINDOW name AS (...)`
    pub(super) fn named_window(&mut self, node: Node) -> Result<(String, WindowSpec), Refused> {
        let Some(NodeEnum::WindowDef(node)) = node.node else {
            return Err(unexpected("a window", -1));
        };
        let Window { name, spec, at } = self.window(*node)?;
        Ok((present(name, "a window", at)?, spec))
    }

    /// `OVER name`, `OVER (...)`
    pub(super) fn over(&mut self, node: WindowDef) -> Result<Over, Refused> {
        let Window { name, spec, at } = self.window(node)?;
        let Some(name) = name else {
            return Ok(Over::Spec(Box::new(spec)));
        };
        let WindowSpec {
            base,
            partition_by,
            order_by,
            frame,
        } = &spec;
        let is_bare =
            base.is_none() && partition_by.is_empty() && order_by.is_empty() && frame.is_none();
        absent(is_bare, "a named window with a definition", at)?;
        Ok(Over::Named(name))
    }

    fn window(&mut self, node: WindowDef) -> Result<Window, Refused> {
        let WindowDef {
            name,
            refname,
            partition_clause,
            order_clause,
            frame_options,
            start_offset,
            end_offset,
            location: at,
        } = node;
        Ok(Window {
            name: self.name_if(name, at)?,
            spec: WindowSpec {
                base: self.name_if(refname, at)?,
                partition_by: self.each(partition_clause, Reader::expression)?,
                order_by: self.each(order_clause, Reader::sort)?,
                frame: self.frame(frame_options, start_offset, end_offset, at)?,
            },
            at,
        })
    }

    fn frame(
        &mut self,
        options: i32,
        start_offset: Option<Box<Node>>,
        end_offset: Option<Box<Node>>,
        at: i32,
    ) -> Result<Option<Frame>, Refused> {
        if options & NONDEFAULT == 0 {
            let plain = options == DEFAULTS && start_offset.is_none() && end_offset.is_none();
            absent(plain, "an unknown window frame", at)?;
            return Ok(None);
        }
        absent(options & !KNOWN == 0, "an unknown window frame", at)?;
        let unknown = || unsupported("an unknown window frame", at);
        let unit = match options & UNITS {
            RANGE => FrameUnit::Range,
            ROWS => FrameUnit::Rows,
            GROUPS => FrameUnit::Groups,
            _ => return Err(unknown()),
        };
        let start_offset = self.maybe(start_offset, Reader::expression)?.map(Box::new);
        let end_offset = self.maybe(end_offset, Reader::expression)?.map(Box::new);
        let start = match (options & STARTS, start_offset) {
            (START_UNBOUNDED_PRECEDING, None) => FrameBound::UnboundedPreceding,
            (START_CURRENT_ROW, None) => FrameBound::CurrentRow,
            (START_OFFSET_PRECEDING, Some(offset)) => FrameBound::Preceding(offset),
            (START_OFFSET_FOLLOWING, Some(offset)) => FrameBound::Following(offset),
            _ => return Err(unknown()),
        };
        let end = match (options & ENDS, end_offset) {
            (END_UNBOUNDED_FOLLOWING, None) => FrameBound::UnboundedFollowing,
            (END_CURRENT_ROW, None) => FrameBound::CurrentRow,
            (END_OFFSET_PRECEDING, Some(offset)) => FrameBound::Preceding(offset),
            (END_OFFSET_FOLLOWING, Some(offset)) => FrameBound::Following(offset),
            _ => return Err(unknown()),
        };
        let exclusion = match options & EXCLUSIONS {
            0 => FrameExclusion::NoOthers,
            EXCLUDE_CURRENT_ROW => FrameExclusion::CurrentRow,
            EXCLUDE_GROUP => FrameExclusion::Group,
            EXCLUDE_TIES => FrameExclusion::Ties,
            _ => return Err(unknown()),
        };
        Ok(Some(Frame {
            unit,
            start,
            end,
            exclusion,
        }))
    }
}
