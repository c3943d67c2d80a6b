"""pandas.read_sql over SQLAlchemy: queries, parameters, tables by name, chunks; frames with their types."""

import json
import sys
import warnings

import pandas as pd
import psycopg
import sqlalchemy as sa

from asked import statements, target
import asked

TARGET = target()
answers, messages = {}, []
ENGINE = sa.create_engine(
    sa.URL.create("postgresql+psycopg", TARGET.user, TARGET.password, TARGET.host, TARGET.port, TARGET.database),
    connect_args={key: value for key, value in TARGET.libpq().items() if key.startswith("ssl")})
if TARGET.purpose:
    @sa.event.listens_for(ENGINE, "connect")
    def _(connection, _record):
        connection.autocommit = True
        connection.execute(f"set cordon.purpose = '{TARGET.purpose}'")
        connection.autocommit = False


def frame(found):
    return {"types": {name: str(kind) for name, kind in found.dtypes.items()},
            "rows": [[asked.plain(None if value is pd.NaT else value) if isinstance(value, (str, int, list, dict)) or value is None
                      else str(value) for value in row] for row in found.itertuples(index=False, name=None)]}


def case(name):
    def keep(function):
        try:
            answers[name] = function()
        except (sa.exc.DBAPIError, psycopg.Error) as error:
            cause = getattr(error, "orig", error)
            messages.append(str(cause))
            answers[name] = {"sqlstate": cause.sqlstate}
        except pd.errors.DatabaseError as error:
            cause = error.__cause__
            cause = getattr(cause, "orig", cause)
            messages.append(str(error))
            answers[name] = {"sqlstate": cause.sqlstate}
        except (sa.exc.SQLAlchemyError, ValueError) as error:
            messages.append(str(error))
            answers[name] = {"class": type(error).__name__}
        return function

    return keep


for statement in statements():
    # What pandas cannot hold is no business of the gate.
    if statement["name"] == "no columns":
        continue

    @case(f"read_sql_query: {statement['name']}")
    def _():
        with psycopg.connect(**TARGET.libpq(), autocommit=True) as c, warnings.catch_warnings():
            # pandas would rather have SQLAlchemy; people hand it connections all the same.
            warnings.simplefilter("ignore", UserWarning)
            if TARGET.purpose:
                c.execute(f"set cordon.purpose = '{TARGET.purpose}'")
            return frame(pd.read_sql_query(asked.percent(statement["sql"]), c, params=statement["parameters"] or [None] * 0))


@case("read_sql with parameters")
def _():
    query = sa.text("select customer_id, email, country from customer where country = :c order by 1")
    return frame(pd.read_sql(query, ENGINE, params={"c": "Canada"}))


for name in ["customer", "invoice", "track"]:
    @case(f"read_sql_table: {name}")
    def _():
        found = frame(pd.read_sql_table(name, ENGINE))
        return [found["types"], sorted(found["rows"], key=str)]

    @case(f"read_sql of a name: {name}")
    def _():
        found = frame(pd.read_sql(name, ENGINE, columns=[f"{name}_id"]))
        return [found["types"], sorted(found["rows"], key=str)]


@case("in chunks")
def _():
    with ENGINE.connect().execution_options(stream_results=True) as c:
        query = sa.text("select * from invoice_line order by invoice_line_id")
        return [len(part) for part in pd.read_sql(query, c, chunksize=300)]


@case("dates and an index")
def _():
    query = "select invoice_id, invoice_date, total from invoice order by invoice_id limit 10"
    found = pd.read_sql(query, ENGINE, index_col="invoice_id", parse_dates=["invoice_date"], coerce_float=False)
    return [[int(key), str(row.iloc[0]), str(row.iloc[1])] for key, row in found.iterrows()]


@case("merge of two frames")
def _():
    customers = pd.read_sql("select customer_id, country from customer", ENGINE)
    invoices = pd.read_sql("select customer_id, total from invoice", ENGINE)
    sums = customers.merge(invoices, on="customer_id").groupby("country")["total"].agg(["sum", "count"]).sort_index()
    return [[country, round(float(one["sum"]), 2), int(one["count"])] for country, one in sums.iterrows()]


@case("write")
def _():
    return pd.DataFrame({"a": [1]}).to_sql("written", ENGINE, index=False)


json.dump({"answers": answers, "messages": messages}, sys.stdout, default=str)
