"""pgAdmin's own server side, asked for the pages that its browser asks for: connect, the tree down to columns and
constraints, a table's SQL, view data, the query tool, search. Answers are labels and rows: numbers of objects
are the server's own business."""

import json
import os
import pathlib
import re
import sys
import tempfile
import time

import pgadmin4

HOST, PORT, DATABASE, USER, PASSWORD, TLS, PURPOSE = sys.argv[1:8]
sys.path.insert(0, str(pathlib.Path(pgadmin4.__path__[0])))
answers, messages = {}, []
# pgAdmin prints as well; the answer is one JSON document.
out, sys.stdout = sys.stdout, sys.stderr


def application(folder):
    """pgAdmin in desktop mode, which knows one user and asks for no password of its own."""
    import builtins

    builtins.SERVER_MODE = False
    import config

    own = {
        "SERVER_MODE": False, "DATA_DIR": folder, "MASTER_PASSWORD_REQUIRED": False, "USE_OS_SECRET_STORAGE": False,
        "WTF_CSRF_ENABLED": False, "CONSOLE_LOG_LEVEL": 40, "UPGRADE_CHECK_ENABLED": False,
    }
    files = ["LOG_FILE", "SQLITE_PATH", "SESSION_DB_PATH", "STORAGE_DIR", "TEST_SQLITE_PATH", "KERBEROS_CCACHE_DIR",
             "AZURE_CREDENTIAL_CACHE_DIR"]
    for name, value in (own | {name: f"{folder}/{name.lower()}" for name in files}).items():
        setattr(config, name, value)
    from pgadmin import create_app

    app = create_app()
    app.PGADMIN_INT_KEY, app.PGADMIN_RUNTIME = "", False
    app.run_before_app_start()
    return app.test_client()


def ask(path, method="get", **more):
    """A page: its data, or that it failed."""
    got = getattr(client, method)(path, **more)
    messages.append(got.data.decode(errors="replace"))
    body = json.loads(got.data)
    if got.status_code != 200:
        raise LookupError(f"{got.status_code} {body.get('errormsg')}")
    return body["data"] if isinstance(body, dict) and "data" in body else body


def case(name):
    def keep(function):
        try:
            answers[name] = function()
        except LookupError as error:
            messages.append(str(error))
            answers[name] = {"failed": str(error).split("[")[0].split("\n")[0]}
        return answers[name]

    return keep


def nodes(kind, below):
    return {node["label"]: node["_id"] for node in ask(f"/browser/{kind}/nodes/{below}/") or []}


def rows_of(transaction):
    for _ in range(200):
        polled = ask(f"/sqleditor/poll/{transaction}")
        if polled["status"] != "Busy":
            return polled["status"], polled["result"]
        time.sleep(0.05)
    return "Busy", None


def view(kind, number, transaction):
    """All rows of a relation, as `View Data` shows them; their order is the server's."""
    place = f"1/{server}/{database}/{number}"
    ask(f"/sqleditor/initialize/viewdata/{transaction}/3/{kind}/{place}", "post",
        data=json.dumps({"filter_sql": "", "server_cursor": False}))
    started = ask(f"/sqleditor/view_data/start/{transaction}")
    status, rows = rows_of(transaction)
    ask(f"/sqleditor/close/{transaction}", "delete")
    return [started["can_edit"], status, rows if isinstance(rows, str) else sorted(map(str, rows[:100]))]


def created(kind, below, number):
    """What makes a relation, without owner and rights. In the plain database masks may be NULL where the column may
    not, and references are not checked; the gate does not say that `heap` is the default."""
    text = ask(f"/browser/{kind}/sql/{below}/{number}")
    return re.sub(r" NOT NULL|\n +NOT VALID|\nUSING heap", "", text.split("\nALTER ")[0].split("\nGRANT ")[0].split("\nREVOKE ")[0])


def relation(kind, name, number, below, transaction):
    data = case(f"{kind} {name}: data")(lambda: view(kind, number, transaction))
    if isinstance(data, dict) or data[1] != "Success":
        return
    if kind == "table":
        case(f"{kind} {name}: columns")(lambda: [
            [one["name"], one["cltype"], one["attnum"]] for one in ask(f"/browser/column/obj/{below}/{number}/")])
        for part in ["index", "constraints"]:
            case(f"{kind} {name}: {part}")(lambda: sorted(nodes(part, f"{below}/{number}")))
        case(f"{kind} {name}: properties")(lambda: ask(f"/browser/table/obj/{below}/{number}")["name"])
        case(f"{kind} {name}: count")(lambda: ask(f"/browser/table/count_rows/{below}/{number}") and "counted")
    case(f"{kind} {name}: sql")(lambda: created(kind, below, number))


with tempfile.TemporaryDirectory(prefix="pgadmin-") as folder:
    client = application(folder)
    tls = {"sslmode": "verify-full", "sslrootcert": f"{TLS}/ca.crt", "sslcert": f"{TLS}/client.crt",
           "sslkey": f"{TLS}/client.key"}
    if PURPOSE:
        tls["options"] = f"-c cordon.purpose={PURPOSE}"
    server = client.post("/browser/server/obj/1/", json={
        "name": "gate", "host": HOST, "port": int(PORT), "db": DATABASE, "username": USER, "role": "",
        "connection_params": [{"name": name, "keyword": name, "value": value} for name, value in tls.items()],
        "connect_now": False, "shared": False, "tags": []}).json["node"]["_id"]
    case("connect")(lambda: ask(f"/browser/server/connect/1/{server}", "post", data={
        "password": PASSWORD, "save_password": "0"})["connected"])
    databases = case("databases")(lambda: DATABASE in nodes("database", f"1/{server}"))
    database = nodes("database", f"1/{server}")[DATABASE]
    case("connect to the database")(
        lambda: ask(f"/browser/database/connect/1/{server}/{database}", "post")["connected"])
    base = f"1/{server}/{database}"
    for kind in ["cast", "event_trigger", "extension", "foreign_data_wrapper", "language", "publication",
                 "subscription", "catalog", "schema"]:
        case(f"{kind} nodes")(lambda: sorted(nodes(kind, base)))
    schema = nodes("schema", base)["public"]
    below = f"{base}/{schema}"
    case("database properties")(lambda: bool(ask(f"/browser/database/obj/{base}")["name"]))
    case("schema properties")(lambda: ask(f"/browser/schema/obj/{below}")["name"])
    transaction = 1_000_000
    for kind in ["aggregate", "collation", "domain", "fts_configuration", "foreign_table", "function", "mview",
                 "operator", "procedure", "sequence", "table", "trigger_function", "type", "view"]:
        found = case(f"{kind} nodes of public")(lambda: sorted(nodes(kind, below)))
        if kind in ["table", "view", "mview"] and not isinstance(found, dict):
            for name, number in sorted(nodes(kind, below).items()):
                transaction += 1
                relation(kind, name, number, below, transaction)

    @case("query tool")
    def _():
        ask(f"/sqleditor/initialize/sqleditor/7/1/{server}/{database}", "post",
            data=json.dumps({"user": USER, "role": "", "dbname": DATABASE}))
        ask("/sqleditor/query_tool/start/7", "post", data=json.dumps({
            "sql": "SELECT artist_id, name FROM artist ORDER BY artist_id LIMIT 3", "explain_plan": None}))
        return rows_of(7)

    case("autocomplete")(lambda: sorted(name for name in ask("/sqleditor/autocomplete/7", "post", data=json.dumps(
        ["SELECT * FROM art", "SELECT * FROM art"]))["result"] if name.startswith("art")))
    case("search")(lambda: sorted([found["type"], found["name"]] for found in ask(
        f"/search_objects/search/{server}/{database}?text=artist&type=all")))
    case("disconnect")(lambda: bool(ask(f"/browser/server/connect/1/{server}", "delete")))

json.dump({"answers": answers, "messages": messages}, out)
out.flush()
# Its threads would wait for connections that are gone.
os._exit(0)
