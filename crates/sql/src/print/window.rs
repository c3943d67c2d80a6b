//! Windows.

use super::word;
use super::writer::Writer;
use crate::tree::{Frame, FrameBound, Over, WindowSpec};

impl Writer {
    pub(super) fn over(&mut self, over: &Over) {
        self.word(" OVER ");
        match over {
            Over::Named(name) => self.name(name),
            Over::Spec(spec) => self.window(spec),
        }
    }

    /// `(base PARTITION BY ... ORDER BY ... frame)`
    pub(super) fn window(&mut self, spec: &WindowSpec) {
        let WindowSpec {
            base,
            partition_by,
            order_by,
            frame,
        } = spec;
        self.bracketed(|writer| {
            if let Some(base) = base {
                writer.name(base);
            }
            if !partition_by.is_empty() {
                writer.word(" PARTITION BY ");
                writer.expressions(partition_by);
            }
            if !order_by.is_empty() {
                writer.word(" ORDER BY ");
                writer.commas(order_by, Self::sort);
            }
            if let Some(frame) = frame {
                writer.word(" ");
                writer.frame(frame);
            }
        });
    }

    fn frame(&mut self, frame: &Frame) {
        let Frame {
            unit,
            start,
            end,
            exclusion,
        } = frame;
        self.word(word::frame_unit(*unit));
        self.word(" BETWEEN ");
        self.bound(start);
        self.word(" AND ");
        self.bound(end);
        self.word(word::exclusion(*exclusion));
    }

    fn bound(&mut self, bound: &FrameBound) {
        match bound {
            FrameBound::UnboundedPreceding => self.word("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(offset) => {
                self.expression(offset);
                self.word(" PRECEDING");
            }
            FrameBound::CurrentRow => self.word("CURRENT ROW"),
            FrameBound::Following(offset) => {
                self.expression(offset);
                self.word(" FOLLOWING");
            }
            FrameBound::UnboundedFollowing => self.word("UNBOUNDED FOLLOWING"),
        }
    }
}
