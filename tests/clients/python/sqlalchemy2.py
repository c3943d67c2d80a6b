"""SQLAlchemy 2 over psycopg: Core, ORM, reflection, server-side cursors."""

import json
import sys

import sqlalchemy as sa
from sqlalchemy import orm

from asked import plain, statements, target

TARGET = target()
answers, messages = {}, []


def engine(**more):
    made = sa.create_engine(
        sa.URL.create("postgresql+psycopg", TARGET.user, TARGET.password, TARGET.host, TARGET.port, TARGET.database),
        connect_args={key: value for key, value in TARGET.libpq().items() if key.startswith("ssl")}, **more)
    if TARGET.purpose:
        @sa.event.listens_for(made, "connect")
        def _(connection, _record):
            connection.autocommit = True
            connection.execute(f"set cordon.purpose = '{TARGET.purpose}'")
            connection.autocommit = False
    return made


def case(name):
    def keep(function):
        try:
            answers[name] = function()
        except sa.exc.DBAPIError as error:
            messages.append(str(error.orig))
            answers[name] = {"sqlstate": error.orig.sqlstate}
        except sa.exc.SQLAlchemyError as error:
            messages.append(str(error))
            answers[name] = {"class": type(error).__name__}
        return function

    return keep


def table(rows):
    return [plain(tuple(row)) for row in rows]


ENGINE = engine()

for statement in statements():
    @case(f"text: {statement['name']}")
    def _():
        import re
        # SQLAlchemy's own mark for a parameter; `::` is a cast and `\\:` a colon.
        sql = re.sub(r"(?<!:):(?=[A-Za-z])", r"\\:", statement["sql"])
        sql = re.sub(r"\$(\d+)", r":p\1", sql)
        values = {f"p{i}": value for i, value in enumerate(statement["parameters"], 1)}
        with ENGINE.connect() as c:
            result = c.execute(sa.text(sql), values)
            return [list(result.keys()), table(result)]


@case("first connection")
def _():
    with engine().connect() as c:
        return [list(c.dialect.server_version_info), c.dialect.default_schema_name, c.get_isolation_level()]


@case("reflection: names")
def _():
    about = sa.inspect(ENGINE)
    return [about.get_schema_names(), sorted(about.get_table_names()), about.get_view_names(),
            about.has_table("customer"), about.has_table("nowhere")]


METADATA = sa.MetaData()

for name in ["customer", "invoice", "invoice_line", "employee", "artist", "album", "track", "playlist_track"]:
    @case(f"reflection: columns of {name}")
    def _():
        return [[c["name"], str(c["type"])] for c in sa.inspect(ENGINE).get_columns(name)]

    @case(f"reflection: keys of {name}")
    def _():
        about = sa.inspect(ENGINE)
        return [about.get_pk_constraint(name).get("constrained_columns"),
                sorted(key["name"] for key in about.get_indexes(name)),
                about.get_unique_constraints(name), about.get_check_constraints(name),
                plain(about.get_table_comment(name))]

    @case(f"reflection: foreign keys of {name}")
    def _():
        return sorted([key["constrained_columns"], key["referred_table"], key["referred_columns"]]
                      for key in sa.inspect(ENGINE).get_foreign_keys(name))


@case("reflection: everything at once")
def _():
    METADATA.reflect(ENGINE)
    return {name: [str(c.type) for c in one.columns] for name, one in sorted(METADATA.tables.items())}


@case("reflection: one table")
def _():
    made = sa.Table("customer", sa.MetaData(), autoload_with=ENGINE)
    return [c.name for c in made.columns]


CUSTOMER = sa.table("customer", *[sa.column(n, t) for n, t in [
    ("customer_id", sa.Integer), ("first_name", sa.String), ("country", sa.String), ("email", sa.String)]])
INVOICE = sa.table("invoice", *[sa.column(n, t) for n, t in [
    ("invoice_id", sa.Integer), ("customer_id", sa.Integer), ("invoice_date", sa.DateTime), ("total", sa.Numeric(10, 2))]])


@case("core: joined and grouped")
def _():
    query = (sa.select(CUSTOMER.c.country, sa.func.sum(INVOICE.c.total).label("sum"))
             .join_from(CUSTOMER, INVOICE, CUSTOMER.c.customer_id == INVOICE.c.customer_id)
             .where(CUSTOMER.c.country.in_(["USA", "Canada", "Brazil"]))
             .group_by(CUSTOMER.c.country).having(sa.func.count() > 1).order_by(CUSTOMER.c.country))
    with ENGINE.connect() as c:
        return table(c.execute(query))


@case("core: paged")
def _():
    found = []
    with ENGINE.connect() as c:
        for page in range(3):
            query = sa.select(CUSTOMER).order_by(CUSTOMER.c.country, CUSTOMER.c.customer_id).limit(5).offset(page * 5)
            found.append(table(c.execute(query)))
    return found


@case("core: server side cursor")
def _():
    with ENGINE.connect().execution_options(stream_results=True, max_row_buffer=10) as c:
        return table(c.execute(sa.select(CUSTOMER).order_by(CUSTOMER.c.country, CUSTOMER.c.customer_id)))


@case("core: partitions")
def _():
    with ENGINE.connect().execution_options(yield_per=20) as c:
        found = c.execute(sa.select(INVOICE).order_by(INVOICE.c.invoice_id))
        return [table(part) for part in found.partitions()][:3]


@case("core: isolation")
def _():
    with ENGINE.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as c:
        return [table(c.execute(sa.text("select count(*) from customer"))), c.get_isolation_level()]


@case("core: failure in a nested transaction")
def _():
    found = []
    with ENGINE.begin() as c:
        try:
            with c.begin_nested():
                c.execute(sa.text("select 1 / 0"))
        except sa.exc.DBAPIError as error:
            found.append(error.orig.sqlstate)
        found.append(table(c.execute(sa.text("select count(*) from customer"))))
    return found


class Base(orm.DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    customer_id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    first_name: orm.Mapped[str | None]
    country: orm.Mapped[str | None]
    email: orm.Mapped[str | None]
    invoices: orm.Mapped[list["Invoice"]] = orm.relationship(back_populates="customer")


class Invoice(Base):
    __tablename__ = "invoice"
    invoice_id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    customer_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("customer.customer_id"))
    total: orm.Mapped[float] = orm.mapped_column(sa.Numeric(10, 2))
    customer: orm.Mapped[Customer] = orm.relationship(back_populates="invoices")


for strategy in ["lazy", "joined", "selectin", "subquery"]:
    @case(f"orm: {strategy} loading")
    def _():
        load = {"lazy": orm.lazyload, "joined": orm.joinedload, "selectin": orm.selectinload,
                "subquery": orm.subqueryload}[strategy]
        with orm.Session(ENGINE) as session:
            query = (sa.select(Customer).where(Customer.country == "Canada").order_by(Customer.customer_id)
                     .options(load(Customer.invoices)))
            return [[one.customer_id, one.email, sorted((i.invoice_id, str(i.total)) for i in one.invoices)]
                    for one in session.scalars(query).unique()]


@case("orm: get by the key that was seen")
def _():
    with orm.Session(ENGINE) as session:
        key = session.scalars(sa.select(Customer.customer_id).where(Customer.country == "Norway")).one()
        session.expunge_all()
        one = session.get(Customer, key)
        return [one.customer_id == key, one.country, one.email, len(one.invoices)]


@case("orm: write")
def _():
    with orm.Session(ENGINE) as session:
        session.execute(sa.update(Customer).values(email="x"))
        session.commit()


json.dump({"answers": answers, "messages": messages}, sys.stdout, default=str)
