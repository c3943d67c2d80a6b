"""psycopg 3: client and server binding, binary, named cursors, pipelines, COPY, prepared statements."""

import json
import sys
import threading
import time

import psycopg
from psycopg import sql as compose
from psycopg.rows import tuple_row

from asked import percent, plain, statements, target

TARGET = target()
answers, messages = {}, []


def connect(**more):
    connection = psycopg.connect(**TARGET.libpq(), autocommit=more.pop("autocommit", True), **more)
    connection.add_notice_handler(lambda notice: messages.append(f"{notice.message_primary} {notice.message_detail} {notice.message_hint}"))
    if TARGET.purpose:
        connection.execute(compose.SQL("set cordon.purpose = {}").format(compose.Literal(TARGET.purpose)))
    return connection


def failure(error):
    messages.append(str(error))
    if error.diag:
        messages.extend(str(part) for part in [error.diag.message_detail, error.diag.message_hint, error.diag.context])
    return {"sqlstate": error.sqlstate, "class": type(error).__name__}


def described(cursor):
    if cursor.description is None:
        return None
    # `type_code`, not the table or the column's number: these are the server's own business.
    return [[c.name, c.type_code, c.internal_size, c.precision, c.scale] for c in cursor.description]


def result(cursor):
    rows = [plain(row) for row in cursor.fetchall()] if cursor.description else None
    return {"columns": described(cursor), "rows": rows, "status": cursor.statusmessage, "count": cursor.rowcount}


def case(name):
    def keep(function):
        try:
            answers[name] = function()
        except psycopg.Error as error:
            answers[name] = failure(error)
        return function

    return keep


def all_statements(way, connection, factory, convert, **options):
    for statement in statements():
        @case(f"{way}: {statement['name']}")
        def _():
            with connection.cursor(factory) if factory is None else factory(connection) as cursor:
                if "binary" in options:
                    cursor.execute(convert(statement["sql"]), statement["parameters"], binary=True,
                                   prepare=options.get("prepare"))
                else:
                    cursor.execute(convert(statement["sql"]), statement["parameters"], **options)
                return result(cursor)


def the_same(sql):
    return sql


with connect() as connection:
    all_statements("client binding", connection, psycopg.ClientCursor, percent)
    all_statements("server binding", connection, psycopg.Cursor, percent)
    all_statements("raw", connection, psycopg.RawCursor, the_same)
    all_statements("binary", connection, psycopg.RawCursor, the_same, binary=True)
    # The second time the statement is known to the server by its name.
    all_statements("prepared", connection, psycopg.RawCursor, the_same, prepare=True)
    all_statements("prepared again", connection, psycopg.RawCursor, the_same, prepare=True)
    all_statements("prepared and binary", connection, psycopg.RawCursor, the_same, prepare=True, binary=True)


@case("libpq")
def _():
    with connect() as c:
        return {
            "protocol": c.pgconn.full_protocol_version,
            "key": len(c.pgconn.backend_pid.to_bytes(4, "big", signed=True)),
            "encoding": c.info.parameter_status("client_encoding"),
            "standard_conforming_strings": c.info.parameter_status("standard_conforming_strings"),
            "integer_datetimes": c.info.parameter_status("integer_datetimes"),
            "DateStyle": c.info.parameter_status("DateStyle"),
            "TimeZone": c.info.parameter_status("TimeZone") is not None,
            "status": c.info.transaction_status.name,
        }


@case("protocol 3.2")
def _():
    connection = psycopg.connect(**TARGET.libpq(min_protocol_version="3.2", max_protocol_version="3.2"))
    with connection:
        return [connection.pgconn.full_protocol_version, connection.execute("select 1").fetchone()[0]]


@case("direct TLS")
def _():
    with psycopg.connect(**TARGET.libpq(sslnegotiation="direct")) as connection:
        return [connection.pgconn.ssl_in_use, connection.execute("select count(*) from artist").fetchone()[0]]


@case("channel binding required")
def _():
    with psycopg.connect(**TARGET.libpq(channel_binding="require")) as connection:
        return connection.execute("select count(*) from artist").fetchone()[0]


@case("wrong password")
def _():
    psycopg.connect(**{**TARGET.libpq(), "password": "wrong"})


@case("somebody else's name")
def _():
    # The certificate names another person.
    psycopg.connect(**{**TARGET.libpq(), "user": "nobody.at-all"})


@case("settings at startup")
def _():
    options = "-c timezone=Asia/Tokyo -c datestyle=German -c extra_float_digits=0 -c statement_timeout=700 " \
              "-c default_transaction_isolation=serializable"
    with psycopg.connect(**TARGET.libpq(options=options), autocommit=True) as c, psycopg.RawCursor(c) as cursor:
        cursor.execute("select timestamptz '2024-01-01 00:00+00'::text, (0.1::float8 + 0.2)::text")
        found = plain(cursor.fetchall())
        found += [c.execute(f"show {name}").fetchone()[0]
                  for name in ["timezone", "datestyle", "statement_timeout", "transaction_isolation"]]
        # Where the setting is not applied, the statement would run for hours.
        last = threading.Timer(5.0, c.cancel_safe)
        last.start()
        began = time.monotonic()
        try:
            c.execute("select count(*) from track a, track b, track c where a.name < b.name and b.name < c.name limit 1")
        except psycopg.Error as error:
            found.append(failure(error))
        found.append("in time" if time.monotonic() - began < 4 else "it had to be cancelled")
        last.cancel()
        return found


@case("startup options")
def _():
    with psycopg.connect(**TARGET.libpq(application_name="näme'; select 1", options="-c extra_float_digits=3")) as c:
        shown = c.execute("show application_name").fetchone()[0]
        return [c.execute("select 0.1::float8 + 0.2").fetchone()[0], len(shown) > 0]


@case("named cursor")
def _():
    with connect(autocommit=False) as c, c.cursor("customers") as cursor:
        cursor.execute("select * from customer order by country, customer_id")
        first = cursor.fetchone()
        rest = cursor.fetchmany(7)
        cursor.itersize = 10
        return [plain(first), plain(rest), [plain(row) for row in cursor]]


@case("named cursor with parameter")
def _():
    with connect(autocommit=False) as c, c.cursor("some") as cursor:
        cursor.execute("select customer_id, country from customer where country = %s order by 1", ("Brazil",))
        return plain(cursor.fetchall())


@case("named cursor that scrolls")
def _():
    with connect(autocommit=False) as c, c.cursor("back", scrollable=True) as cursor:
        cursor.execute("select country from customer order by country, customer_id")
        forward = cursor.fetchmany(5)
        cursor.scroll(-3)
        return plain([forward, cursor.fetchmany(2)])


@case("named cursor with hold")
def _():
    with connect(autocommit=False) as c:
        cursor = c.cursor("held", withhold=True)
        cursor.execute("select country from customer order by country, customer_id")
        c.commit()
        return plain(cursor.fetchmany(3))


# Since psycopg asks there whether a named cursor is open, before it closes one that it did not declare itself.
@case("cursors listed")
def _():
    listed = "select name, statement, is_holdable, is_binary from pg_cursors where name <> '' order by 1"
    with connect(autocommit=False) as c:
        cursor = c.cursor("listed")
        cursor.execute("select country from customer order by country, customer_id")
        found = plain(c.execute(listed).fetchall())
        cursor.close()
        stolen = c.cursor("stolen")
        stolen.close()
        return [found, plain(c.execute(listed).fetchall())]


@case("prepared statements listed")
def _():
    listed = "select name, statement, parameter_types::text, from_sql from pg_prepared_statements order by 1"
    with connect(autocommit=True) as c:
        c.execute("prepare one(int, text) as select name from genre where genre_id = $1 and name = $2")
        c.execute("select name from genre where genre_id = %s", (1,), prepare=True)
        return plain(c.execute(listed).fetchall())


@case("stream")
def _():
    with connect() as c, c.cursor() as cursor:
        return [plain(row) for row in cursor.stream("select * from invoice_line order by invoice_line_id")][:500]


@case("stream in chunks")
def _():
    with connect() as c, c.cursor() as cursor:
        return [plain(row) for row in cursor.stream("select track_id, name from track order by 1", size=100)][-3:]


@case("pipeline")
def _():
    with connect() as c, c.pipeline(), c.cursor() as one, c.cursor() as two, c.cursor() as three:
        one.execute("select country, customer_id from customer where country = %s order by 2", ("USA",))
        two.execute("select count(*) from invoice")
        three.execute("select 1")
        return plain([one.fetchall(), two.fetchall(), three.fetchall()])


@case("pipeline with a failure")
def _():
    found = []
    with connect() as c:
        try:
            with c.pipeline() as pipeline, c.cursor() as one, c.cursor() as two:
                one.execute("select 1")
                pipeline.sync()
                found.append(plain(one.fetchall()))
                one.execute("select 1 / (total - total) from invoice")
                two.execute("select count(*) from customer")
                pipeline.sync()
                found.append(plain(two.fetchall()))
        except psycopg.Error as error:
            found.append(failure(error))
        found.append(plain(c.execute("select count(*) from customer").fetchall()))
    return found


@case("many in a pipeline")
def _():
    with connect() as c, c.cursor() as cursor:
        cursor.executemany("select country, count(*) from customer where country = %s group by 1",
                           [("USA",), ("Brazil",), ("Canada",)] * 20, returning=True)
        found = [plain(cursor.fetchall())]
        while cursor.nextset():
            found.append(plain(cursor.fetchall()))
        return found


@case("transaction")
def _():
    found = []
    with connect() as c:
        with c.transaction():
            found.append(plain(c.execute("select count(*) from customer").fetchone()))
            found.append(c.info.transaction_status.name)
            try:
                with c.transaction():
                    c.execute("select 1 / 0")
            except psycopg.Error as error:
                found.append(failure(error))
            found.append(plain(c.execute("select count(*) from invoice").fetchone()))
        found.append(c.info.transaction_status.name)
    return found


@case("aborted transaction")
def _():
    found = []
    with connect(autocommit=False) as c:
        for sql in ["select 1 / 0", "select 2"]:
            try:
                c.execute(sql)
            except psycopg.Error as error:
                found.append(failure(error))
        c.rollback()
        found.append(plain(c.execute("select 3").fetchone()))
    return found


@case("several statements in one string")
def _():
    with connect() as c, psycopg.ClientCursor(c) as cursor:
        cursor.execute("select 1; select count(*) from customer; select country from customer order by 1 limit 2")
        found = [plain(cursor.fetchall())]
        while cursor.nextset():
            found.append(plain(cursor.fetchall()))
        return found


for form in ["text", "csv", "binary"]:
    for what, source in [("table", "customer"), ("query", "(select * from customer order by country, customer_id)"),
                         ("columns", "invoice (invoice_id, total)")]:
        @case(f"copy {what} as {form}")
        def _():
            with connect() as c, c.cursor() as cursor, cursor.copy(f"copy {source} to stdout (format {form})") as copy:
                data = b"".join(bytes(block) for block in copy)
            # A table has no order: of its lines, or of its bytes, the multiset is compared.
            if what != "query":
                return sorted(data) if form == "binary" else sorted(data.decode().split("\n"))
            return data.hex() if form == "binary" else data.decode()


@case("copy with options")
def _():
    query = "copy (select first_name, company, city from customer order by country, customer_id) to stdout " \
            "(format csv, header, delimiter ';', null 'nil', force_quote (city), quote '''')"
    with connect() as c, c.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(block) for block in copy).decode()


@case("copy rows")
def _():
    with connect() as c, c.cursor() as cursor:
        with cursor.copy("copy (select customer_id, email from customer order by country, customer_id) to stdout (format binary)") as copy:
            copy.set_types(["int4", "varchar"])
            return plain(list(copy.rows()))


@case("copy that is left early")
def _():
    with connect() as c, c.cursor() as cursor:
        with cursor.copy("copy (select * from track) to stdout") as copy:
            copy.read()
        return plain(c.execute("select 1").fetchone())


@case("copy in")
def _():
    with connect() as c, c.cursor() as cursor, cursor.copy("copy genre from stdin") as copy:
        copy.write_row((99, "None"))


@case("cancel")
def _():
    with connect() as c:
        told = []

        def cancel():
            try:
                c.cancel_safe()
                told.append("in order")
            except psycopg.Error as error:
                told.append(failure(error))

        timer = threading.Timer(1.0, cancel)
        timer.start()
        try:
            c.execute("select count(*) from track a, track b, track c where a.name < b.name and b.name < c.name")
        except psycopg.Error as error:
            found = failure(error)
        timer.join()
        return [found, told, plain(c.execute("select count(*) from genre").fetchone())]


@case("what I saw leads back")
def _():
    found = []
    with connect() as c:
        for binary in [False, True]:
            cursor = psycopg.Cursor(c)
            keys = [row[0] for row in cursor.execute(
                "select customer_id from customer where country = 'Canada' order by 1", binary=binary)]
            for key in keys:
                rows = cursor.execute("select invoice_id, total from invoice where customer_id = %b order by 1" if binary else
                                      "select invoice_id, total from invoice where customer_id = %s order by 1", (key,))
                found.append(plain(rows.fetchall()))
            cursor.execute("select count(*) from invoice where customer_id = any(%s)", (keys,))
            found.append(plain(cursor.fetchall()))
            cursor = psycopg.ClientCursor(c)
            cursor.execute("select count(*) from invoice where customer_id in (%s, %s)", (keys[0], keys[1]))
            found.append(plain(cursor.fetchall()))
    return found


@case("typed parameters")
def _():
    import datetime
    import decimal
    with connect() as c:
        rows = c.execute("select invoice_id, total from invoice where invoice_date >= %b and total > %b order by 1",
                         (datetime.datetime(2024, 1, 1), decimal.Decimal("9.99"))).fetchall()
        more = c.execute("select %s::int[], %s::jsonb, %s::bytea, %s::bool, %s::date, %s::uuid",
                         ([1, None, 3], psycopg.types.json.Jsonb({"a": 1}), b"\0\xff", True,
                          datetime.date(2024, 2, 29), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")).fetchall()
        return plain([rows, more])


@case("describe a prepared statement")
def _():
    with connect() as c:
        prepared = c.pgconn.prepare(b"p1", b"select customer_id, email, total from customer join invoice using (customer_id) where country = $1 and total > $2")
        found = c.pgconn.describe_prepared(b"p1")
        return [prepared.status, [found.param_type(i) for i in range(found.nparams)],
                [[found.fname(i).decode(), found.ftype(i), found.fmod(i)] for i in range(found.nfields)]]


@case("close a prepared statement")
def _():
    with connect() as c:
        c.pgconn.prepare(b"p1", b"select 1")
        c.pgconn.close_prepared(b"p1")
        return c.pgconn.exec_prepared(b"p1", []).error_field(psycopg.pq.DiagnosticField.SQLSTATE).decode()


@case("sql prepare")
def _():
    with connect() as c:
        c.execute("prepare mine (text) as select count(*) from customer where country = $1")
        one = c.execute("execute mine ('USA')").fetchone()
        c.execute("deallocate mine")
        return plain(one)


@case("sql cursor")
def _():
    with connect(autocommit=False) as c:
        c.execute("declare d cursor for select country, customer_id from customer order by 1, 2")
        one = c.execute("fetch 2 from d").fetchall()
        c.execute("move 3 in d")
        two = c.execute("fetch forward 2 from d").fetchall()
        c.execute("close d")
        return plain([one, two])


@case("listen")
def _():
    with connect() as c:
        c.execute("listen somebody")


json.dump({"answers": answers, "messages": messages}, sys.stdout, default=str)
