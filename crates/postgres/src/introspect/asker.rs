//! Who can be asked about the catalogues: a link, and for as long as something still holds one, a
//! client of tokio-postgres.

use std::future::Future;

use tokio_postgres::Client;

use crate::link::Link;

/// What went wrong with a question.
pub(super) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Somebody who can be asked.
pub trait Asker: Send {
    /// Runs statements that answer nothing.
    fn run(&mut self, sql: &str) -> impl Future<Output = Result<(), Source>> + Send;
    /// Asks for one text.
    fn text(&mut self, sql: &str) -> impl Future<Output = Result<String, Source>> + Send;
}

impl Asker for &mut Link {
    async fn run(&mut self, sql: &str) -> Result<(), Source> {
        // The one pinned setting that a link may have another value of than the questions want.
        self.allow_setting("TimeZone", "UTC");
        self.ask(sql).await?;
        Ok(())
    }

    async fn text(&mut self, sql: &str) -> Result<String, Source> {
        let mut rows = self.ask(sql).await?;
        let text = rows.pop().and_then(|mut row| row.pop()).flatten();
        text.ok_or_else(|| "there is no text in the answer".into())
    }
}

impl Asker for &Client {
    async fn run(&mut self, sql: &str) -> Result<(), Source> {
        self.batch_execute(sql).await?;
        Ok(())
    }

    async fn text(&mut self, sql: &str) -> Result<String, Source> {
        let row = self.query_one(sql, &[]).await?;
        Ok(row.try_get(0)?)
    }
}
